import { isHandshake } from "./handshake.ts";
import {
  SyncScope,
  type TaskProvider,
  type TaskScope,
  thread,
} from "../core/worker/thread_state.ts";
import { Channel } from "./channel.ts";
import {
  type NodeAsyncHooks,
  nodeProcess,
  type NodeWorker,
  type NodeWorkerThreads,
} from "./platform.ts";
import type { WorkerListener, WorkerPort } from "./port.ts";

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
