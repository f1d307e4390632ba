import { isHandshake } from "./handshake.ts";
import {
  SyncScope,
  type TaskProvider,
  type TaskScope,
  thread,
} from "../core/worker/thread_state.ts";
import { Channel } from "./channel.ts";
import type { WorkerListener, WorkerPort } from "./port.ts";

/** The slice of Node's `worker_threads` that is used here. */
export interface NodeWorker {
  on(event: "message" | "error", listener: (value: unknown) => void): void;
  on(event: "exit", listener: (exitCode: number) => void): void;
  postMessage(message: unknown, transfer: readonly Transferable[]): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** The slice of `worker_threads` that is used here, on either side. */
export interface NodeWorkerThreads {
  readonly isMainThread: boolean;
  readonly parentPort: {
    on(event: "message", listener: (data: unknown) => void): void;
    off(event: "message", listener: (data: unknown) => void): void;
    postMessage(message: unknown): void;
  } | null;
  readonly Worker: new (
    url: URL,
    options: { name: string; execArgv?: readonly string[] },
  ) => NodeWorker;
}

/** The slice of Node's `async_hooks` that is used here. */
export interface NodeAsyncHooks {
  readonly AsyncLocalStorage: {
    new <T>(): { run<R>(store: T, code: () => R): R; getStore(): T | undefined };
    snapshot(): <R>(code: () => R) => R;
  };
}

/** The slice of Node's streams that is used here. */
export interface NodeStream {
  readonly writableLength: number;
  write(text: string, callback: (value?: unknown) => void): void;
}

/** The slice of Node's `module` that is used here. */
interface NodeModule {
  createRequire(path: string): { resolve(path: string): string };
}

/** The slice of Node's `process` that is used here. */
export interface NodeProcess {
  getBuiltinModule?(id: "node:worker_threads"): NodeWorkerThreads | undefined;
  getBuiltinModule?(id: "node:async_hooks"): NodeAsyncHooks | undefined;
  getBuiltinModule?(id: "node:module"): NodeModule | undefined;
  getBuiltinModule?(id: "node:url"): { pathToFileURL(path: string): URL } | undefined;
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
  readonly stdout: NodeStream;
  readonly stderr: NodeStream;
  on(event: "exit", listener: () => void): void;
  exit(code: number): void;
}

/** Node's `process`, which Deno and Bun have as well. */
export function nodeProcess(): NodeProcess | undefined {
  // The global is declared only where Node's types are; its slice above is all that is used.
  return (globalThis as { process?: NodeProcess }).process;
}

/** Node's `worker_threads`, where there are any. */
export function nodeWorkerThreads(): NodeWorkerThreads | undefined {
  return nodeProcess()?.getBuiltinModule?.("node:worker_threads");
}

/** URL of the program's own main module, where a file is one. */
export function mainModule(): string | undefined {
  const { Deno, Bun } = globalThis as { Deno?: { mainModule: string }; Bun?: { main: string } };
  if (Deno !== undefined) return Deno.mainModule;
  const node = nodeProcess();
  const path = Bun?.main ?? node?.argv[1];
  if (path === undefined) return undefined;
  try {
    // Its extension may have been left out, and Node takes links for what they link to.
    const file = node?.getBuiltinModule?.("node:module")?.createRequire(path).resolve(path);
    return file && node?.getBuiltinModule?.("node:url")?.pathToFileURL(file).href;
  } catch {
    // A program given as text, whose first argument it is.
    return undefined;
  }
}

/** Starts a worker of Node's kind. */
export function startNodeWorker(
  { Worker }: NodeWorkerThreads,
  url: URL,
  name: string,
): NodeWorker {
  // A flag of programs given as text (`node --input-type=module -e …`), which no file can have.
  const isText = nodeProcess()?.execArgv.some((flag) => flag.startsWith("--input-type"));
  return new Worker(url, isText ? { name, execArgv: [] } : { name });
}

/** Opens a port to a worker of Node's kind. */
export function openNodeWorker(
  worker: NodeWorker,
  isServed: boolean,
  listener: WorkerListener,
): WorkerPort {
  const channel = new Channel(listener, () => {});
  const connect = () =>
    channel.connect("", (message, transfer) => worker.postMessage(message, transfer));
  worker.on("message", (data) => {
    if (isServed && isHandshake(data) && data.polypool === "serving") connect();
  });
  worker.on("error", (error) => listener.failed(error));
  worker.on("exit", (exitCode) => listener.ended(exitCode));
  if (!isServed) connect();
  return {
    get isBehind() {
      return channel.isBehind;
    },
    post: (message, transfer) => channel.post(message, transfer),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    terminate: () => void worker.terminate(),
    close: () => channel.close(),
  };
}

/** Where tasks run that must be told from other code of this thread. */
export function taskScope(): TaskScope {
  const state = thread();
  if (state.scope === undefined) {
    const hooks = asyncHooks();
    state.scope = hooks === undefined
      ? new SyncScope()
      : new hooks.AsyncLocalStorage<TaskProvider | null>();
  }
  return state.scope;
}

/** What runs code in the async context of this moment; nothing where there is no such thing. */
export function captureContext(): (<R>(code: () => R) => R) | undefined {
  return asyncHooks()?.AsyncLocalStorage.snapshot();
}

/** Node's `async_hooks`, which Deno and Bun have as well, and browsers have not. */
function asyncHooks(): NodeAsyncHooks | undefined {
  return nodeProcess()?.getBuiltinModule?.("node:async_hooks");
}
