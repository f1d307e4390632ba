import { misuse } from "../core/error_stack.ts";

/** A worker of Node's `worker_threads`, as far as it is used here. */
export interface NodeWorker {
  on(event: "message" | "error", listener: (value: unknown) => void): void;
  on(event: "exit", listener: (exitCode: number) => void): void;
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** The slice of `worker_threads` that is used here, on either side. */
export interface NodeWorkerThreads {
  readonly isMainThread: boolean;
  readonly MessageChannel: typeof MessageChannel;
  readonly parentPort: {
    on(event: "message", listener: (data: unknown) => void): void;
    off(event: "message", listener: (data: unknown) => void): void;
    postMessage(message: unknown): void;
  } | null;
  readonly Worker: new (code: URL | string, options: NodeWorkerOptions) => NodeWorker;
}

/** The options of a worker of Node's that are used here. */
export interface NodeWorkerOptions {
  readonly name: string;
  /** Whether the code is given, and not where it is. */
  readonly eval?: boolean;
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
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
  readonly writable: boolean;
  readonly writableLength: number;
  /** How often it was told to hold back what is written. */
  readonly writableCorked: number;
  write(text: string, callback: (value?: unknown) => void): void;
}

/** The slice of Node's `module` that is used here. */
interface NodeModule {
  createRequire(path: string): { (path: string): object; resolve(path: string): string };
}

/** The slice of Node's `fs` that is used here. */
export interface NodeFileSystem {
  readFileSync(path: URL, encoding: "utf8"): string;
  statSync(path: URL): { readonly mtimeMs: number };
}

/** The slice of Node's `process` that is used here. */
export interface NodeProcess {
  getBuiltinModule?(id: "node:worker_threads"): NodeWorkerThreads | undefined;
  getBuiltinModule?(id: "node:async_hooks"): NodeAsyncHooks | undefined;
  getBuiltinModule?(id: "node:module"): NodeModule | undefined;
  getBuiltinModule?(id: "node:fs"): NodeFileSystem | undefined;
  getBuiltinModule?(id: "node:timers"): Timers | undefined;
  getBuiltinModule?(id: "node:perf_hooks"): { readonly performance: Performance } | undefined;
  getBuiltinModule?(
    id: "node:url",
  ): { pathToFileURL(path: string): URL; fileURLToPath(url: string): string } | undefined;
  readonly versions: { readonly node?: string };
  /** In Electron: which kind of process this is. */
  readonly type?: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
  readonly stdout: NodeStream;
  readonly stderr: NodeStream;
  hrtime?(): readonly [seconds: number, nanoseconds: number];
  on(event: "exit", listener: () => void): void;
  exit(code: number): void;
}

/** Node's `process`, which Deno and Bun have as well. */
export function nodeProcess(): NodeProcess | undefined {
  // The global is declared only where Node's types are; its slice above is all that is used.
  const { process } = globalThis as { process?: Partial<NodeProcess> };
  // What bundlers put in its place has no version, and lacks this and that.
  return process?.versions?.node === undefined ? undefined : process as NodeProcess;
}

/** Node's `worker_threads`, where there are any. */
export function nodeWorkerThreads(): NodeWorkerThreads | undefined {
  return nodeProcess()?.getBuiltinModule?.("node:worker_threads");
}

/** Whether this is Node itself: others have its `process` as well, and a `Worker` of their own. */
export function isNode(): boolean {
  // Asked in this order as Deno takes its time to make a process.
  if ("Deno" in globalThis || "Bun" in globalThis) return false;
  const process = nodeProcess();
  return process !== undefined && process.type !== "renderer" && process.type !== "worker";
}

/**
 * Checks that the language has what the package needs.
 *
 * @throws {TypeError} If it has not.
 */
export function checkPlatform(): void {
  if (Promise.withResolvers !== undefined) return;
  const node = nodeProcess()?.versions.node;
  const found = node === undefined ? "no Promise.withResolvers" : `Node ${node}`;
  throw misuse(
    new TypeError(`Cannot make a pool as it needs Node 22.18, or a browser of 2024: ${found}`),
  );
}

/** Timers, as `globalThis` has them. */
export interface Timers {
  readonly setTimeout: typeof setTimeout;
  readonly clearTimeout: typeof clearTimeout;
  /** Sooner than a timer of no time, and still after all that is due; browsers have none. */
  readonly setImmediate?: (callback: () => void) => void;
}

/** As they are by now: even those of Node's module may be fake later. */
function platformTimers(): Timers {
  const own = isNode() ? nodeProcess()?.getBuiltinModule?.("node:timers") : undefined;
  const { setTimeout, clearTimeout, setImmediate } = own ?? globalThis as unknown as Timers;
  return { setTimeout, clearTimeout, ...(setImmediate && { setImmediate }) };
}

function platformClock(): () => number {
  const hrtime = isNode() ? nodeProcess()?.hrtime : undefined;
  if (hrtime === undefined) return performance.now.bind(performance);
  // Node takes a millisecond to load its `performance`, in each thread.
  return () => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  };
}

let ownTimers: Timers | undefined;

/**
 * The platform's own timers, as they were when they were first asked for: whatever a test of the
 * caller's puts in their place later. Deno takes 4 ms to look for them, in each thread.
 */
export function timers(): Timers {
  return ownTimers ??= platformTimers();
}

/** Milliseconds since some moment, by the platform's own clock as it was at import. */
export const now: () => number = platformClock();

/** When this thread began, in ms since 1970. */
export function startTime(): number {
  // What stands in the place of the global one may have another.
  const own = isNode() ? nodeProcess()?.getBuiltinModule?.("node:perf_hooks") : undefined;
  return (own ?? globalThis).performance.timeOrigin;
}

/** Calls back in a later turn of the event loop. */
export function nextTurn(callback: () => void): void {
  const { setTimeout } = timers();
  setTimeout(callback);
}
