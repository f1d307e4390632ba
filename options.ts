import { tagOf } from "./core/brands.ts";
import { misuse } from "./core/error_stack.ts";
import { moduleUrl, type TaskFunction } from "./core/wire/task_ref.ts";
import type { WorkerLike } from "./runtime/port.ts";

/** How a pool is built; see {@linkcode Pool}. Times are in milliseconds. */
export interface PoolOptions {
  /**
   * Most workers at a time. `0` runs every task on the calling thread, with the
   * same semantics: for debugging, and where there is no `Worker`.
   *
   * @default {navigator.hardwareConcurrency}
   */
  workers?: number;
  /**
   * Workers that are started at once and kept; the others start on demand.
   *
   * @default {0}
   */
  minWorkers?: number;
  /**
   * Where plain functions are exported: `import.meta.url`.
   *
   * Each worker imports it while it starts, before the initializer. Where that
   * fails, the worker counts as ready all the same, later workers start without
   * it, and the jobs that need it meet the failure. On the calling thread
   * (`workers: 0`) the first task that needs it imports it.
   */
  module?: URL | string;
  /**
   * Makes each worker, whose file calls `serve`: for bundlers, compiled
   * binaries, permissions. On Node a `Worker` of `node:worker_threads`. Or
   * `embeddedWorker`, of npm's package: the default workers, without a file.
   */
  worker?: () => WorkerLike;
  /** Runs in each worker before its first task, and in each replacement. If it fails, the pool breaks. */
  initializer?: TaskFunction<never[], unknown>;
  /** Arguments of the initializer. */
  initArgs?: readonly unknown[];
  /**
   * How long a new worker may take until it is up, and the import of a task module.
   *
   * @default {30_000}
   */
  startTimeout?: number;
  /**
   * How long the initializer may take.
   *
   * @default {Infinity}
   */
  initTimeout?: number;
  /**
   * Tasks after which a worker is replaced.
   *
   * @default {Infinity}
   */
  maxTasksPerWorker?: number;
  /**
   * How long an idle worker above `minWorkers` stays. State that tasks left in it goes with it.
   *
   * @default {Infinity}; 1000 where an idle worker keeps the process alive (Deno)
   */
  idleTimeout?: number;
  /** How long each task may take, where it does not say otherwise. */
  taskTimeout?: number;
  /**
   * How long a running task that was aborted, or whose time is over, may take
   * to heed its signal, before its worker is terminated.
   *
   * @default {0}
   */
  abortGrace?: number;
  /**
   * Most tasks of `apply` and `applyAsync` that may wait for a worker.
   *
   * @default {Infinity}
   */
  maxQueue?: number;
  /**
   * Prefix of the workers' names.
   *
   * @default {"polypool"}
   */
  name?: string;
}

/** How one task runs; times are in milliseconds. */
export interface TaskOptions {
  /** Aborts the task: waiting, it is dropped; running, its worker is replaced. */
  signal?: AbortSignal;
  /** How long the task may take, from its start on. */
  timeout?: number;
  /** What of the arguments is handed over instead of copied: `Transferable`s, such as buffers and ports. */
  transfer?: object[];
  /**
   * Higher goes first. Within one, calls keep their order, and all of them
   * together take turns with the jobs of other methods.
   *
   * @default {0}
   */
  priority?: number;
  /**
   * How often the task is rerun if its worker died; never if it threw.
   *
   * @default {0}
   */
  retries?: number;
  /** Receives what the running task reports. */
  onReport?(value: unknown): void;
}

/**
 * Callbacks of the methods that return an {@linkcode AsyncResult}.
 *
 * @typeParam R Type of the value.
 */
export interface AsyncOptions<R> {
  /** Called once with the value, before the result is ready. What it throws becomes the error. */
  callback?(value: R): void;
  /** Called once with the error, before the result is ready. What it throws becomes the error. */
  errorCallback?(error: unknown): void;
}

/** How far a job has come. */
export interface Progress {
  /** Tasks that are over. */
  done: number;
  /** All tasks, or `undefined` while it is not known how many there are. */
  total: number | undefined;
}

/**
 * How the tasks of a `map` run; times are in milliseconds.
 *
 * @typeParam T Type of the items.
 */
export interface MapOptions<T = unknown> {
  /** Tasks in one message. Without it the pool chooses, by the time that tasks take. */
  chunkSize?: number;
  /**
   * Whether the first error ends the job at once, and drops what has not started.
   *
   * @default {false}
   */
  failFast?: boolean;
  /** Aborts the job. */
  signal?: AbortSignal;
  /** How long each task may take, from its start on. */
  timeout?: number;
  /**
   * Higher goes first. Within one, jobs take turns, a chunk each.
   *
   * @default {0}
   */
  priority?: number;
  /**
   * How often a task is rerun if its worker died; never if it threw.
   *
   * @default {0}
   */
  retries?: number;
  /** Called after a chunk, when more is done than before. What it throws fails the job. */
  onProgress?(progress: Progress): void;
  /** Receives what running tasks report, with the index of the task. What it throws fails the job. */
  onReport?(value: unknown, index: number): void;
  /** Says what of an item is handed over instead of copied, as `transfer` of {@linkcode TaskOptions}. */
  transfer?(item: T, index: number): object[];
}

/**
 * How the tasks of an `imap` run; times are in milliseconds.
 *
 * @typeParam T Type of the items.
 */
export interface ImapOptions<T = unknown> extends MapOptions<T> {
  /**
   * Most results that are submitted and not yet taken: how far the pool runs
   * ahead of its reader. The default is some chunks for each worker; up to 1,024
   * while the reader waits for a result that is long in coming.
   */
  bufferSize?: number;
}

/** What a pool is doing, and has done. */
export interface PoolStats {
  /** Workers that are up or starting. */
  workers: number;
  /** Workers that have nothing to do. */
  idle: number;
  /** Workers that run a task. */
  busy: number;
  /** Tasks that wait within the pool. */
  queued: number;
  /** Tasks that run. */
  running: number;
  /** Tasks that gave a value. */
  completed: number;
  /** Tasks that failed: they threw, were aborted or timed out, or could not be sent. */
  failed: number;
  /** Tasks that were lost with their worker. */
  lost: number;
  /** Workers that were started in place of others. */
  restarted: number;
  /** Workers that could not be stopped: on Deno, busy ones. */
  abandoned: number;
}

/** The options of a pool, checked and complete. */
export type CheckedPoolOptions =
  & Required<Omit<PoolOptions, "module" | "worker" | "initializer" | "taskTimeout">>
  & { readonly [K in "worker" | "initializer" | "taskTimeout"]: PoolOptions[K] | undefined }
  & { readonly module: string | undefined };

/** Throws a TypeError or RangeError unless a value is what the option of that name may be. */
type Check = (action: string, name: string, value: unknown) => void;

const POOL_CHECKS: { readonly [K in keyof PoolOptions]-?: Check } = {
  workers: integerFrom(0),
  minWorkers: integerFrom(0),
  maxTasksPerWorker: unlessInfinite(integerFrom(1)),
  maxQueue: unlessInfinite(integerFrom(0)),
  startTimeout: checkTime,
  initTimeout: checkTime,
  idleTimeout: checkTime,
  abortGrace: checkTime,
  taskTimeout: checkTime,
  name: ofType("string"),
  worker: ofType("function"),
  initArgs: checkArray,
  // These two say what is wrong with them when they are resolved.
  initializer: () => {},
  module: () => {},
};

const POOL_DEFAULTS = {
  minWorkers: 0,
  maxTasksPerWorker: Infinity,
  maxQueue: Infinity,
  startTimeout: 30_000,
  initTimeout: Infinity,
  abortGrace: 0,
  taskTimeout: undefined,
  name: "polypool",
  worker: undefined,
  initArgs: [],
  initializer: undefined,
};

const BUILD = "create a pool";

/** Options where none are given: not even those that the caller's code gave to all objects. */
export const NO_OPTIONS: Readonly<Record<string, never>> = Object.freeze(Object.create(null));

/**
 * Checks the options of a pool, and fills in the defaults.
 *
 * @throws {TypeError} If one has the wrong type.
 * @throws {RangeError} If one is out of range.
 */
export function checkPoolOptions(
  options: PoolOptions,
  defaults: { readonly workers: number; readonly idleTimeout: number },
): CheckedPoolOptions {
  checkObject(BUILD, "options", options);
  const given: { [K in keyof PoolOptions]?: unknown } = {};
  for (const name of Object.keys(POOL_CHECKS) as (keyof PoolOptions)[]) {
    const value = options[name];
    if (value === undefined) continue;
    POOL_CHECKS[name](BUILD, name, value);
    given[name] = value;
  }
  const { module } = options;
  const checked = {
    ...{ ...POOL_DEFAULTS, ...defaults, ...given },
    module: module === undefined ? undefined : moduleUrl(module, BUILD),
  } as CheckedPoolOptions;
  const { workers, minWorkers } = checked;
  if (minWorkers <= workers) return checked;
  throw misuse(
    new RangeError(
      `Cannot ${BUILD} as 'minWorkers' must not be above 'workers', ${workers}: current value is ${minWorkers}`,
    ),
  );
}

/** Everything that an options object of a pool method may hold. */
export type AnyTaskOptions = {
  readonly [K in keyof (TaskOptions & ImapOptions & AsyncOptions<unknown>)]?: unknown;
};

const SUBMIT = "submit the task";

/**
 * Checks the options of a pool method.
 *
 * @param transferKind What `transfer` is there: the list of one task, or a function of each item.
 * @throws {TypeError} If one has the wrong type.
 * @throws {RangeError} If one is out of range.
 */
export function checkTaskOptions(
  options: AnyTaskOptions,
  transferKind: "array" | "function",
): void {
  checkObject(SUBMIT, "options", options);
  const { signal, timeout, priority, retries, chunkSize, bufferSize, failFast } = options;
  if (signal !== undefined && tagOf(signal) !== "AbortSignal") {
    throw wrongType(SUBMIT, "signal", "an AbortSignal", signal);
  }
  if (timeout !== undefined) checkTime(SUBMIT, "timeout", timeout);
  if (priority !== undefined) checkNumber(SUBMIT, "priority", priority);
  if (retries !== undefined && retries !== Infinity) checkInteger(SUBMIT, "retries", retries, 0);
  if (chunkSize !== undefined) checkInteger(SUBMIT, "chunkSize", chunkSize, 1);
  if (bufferSize !== undefined) checkInteger(SUBMIT, "bufferSize", bufferSize, 1);
  if (failFast !== undefined) checkType(SUBMIT, "failFast", failFast, "boolean");
  if (options.transfer !== undefined) checkTransfer(options.transfer, transferKind);
  const { callback, errorCallback, onProgress, onReport } = options;
  if (callback !== undefined) checkType(SUBMIT, "callback", callback, "function");
  if (errorCallback !== undefined) checkType(SUBMIT, "errorCallback", errorCallback, "function");
  if (onProgress !== undefined) checkType(SUBMIT, "onProgress", onProgress, "function");
  if (onReport !== undefined) checkType(SUBMIT, "onReport", onReport, "function");
}

/**
 * Checks the longest wait of a `get`, `wait` or `next`.
 *
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is NaN.
 */
export function checkWait(action: string, timeoutMs: unknown): void {
  if (timeoutMs !== undefined) checkNumber(action, "timeoutMs", timeoutMs);
}

function checkObject(action: string, name: string, value: unknown): void {
  if (typeof value !== "object" || value === null) {
    throw wrongType(action, name, "an object", value);
  }
}

function checkInteger(action: string, name: string, value: unknown, least: 0 | 1): void {
  checkNumber(action, name, value);
  if (Number.isInteger(value) && Number(value) >= least) return;
  const kind = least === 0 ? "a non-negative integer" : "a positive integer";
  throw outOfRange(action, name, kind, value);
}

/** Checks that something is a number of milliseconds. */
function checkTime(action: string, name: string, value: unknown): void {
  checkNumber(action, name, value);
  if (Number(value) < 0) throw outOfRange(action, name, "non-negative", value);
}

function checkNumber(action: string, name: string, value: unknown): void {
  checkType(action, name, value, "number");
  if (Number.isNaN(value)) throw outOfRange(action, name, "a number", value);
}

function checkArray(action: string, name: string, value: unknown): void {
  if (!Array.isArray(value)) throw wrongType(action, name, "an array", value);
}

function checkType(action: string, name: string, value: unknown, type: string): void {
  const current = typeof value;
  if (current !== type) throw wrongType(action, name, `a ${type}`, value);
}

function ofType(type: string): Check {
  return (action, name, value) => checkType(action, name, value, type);
}

function integerFrom(least: 0 | 1): Check {
  return (action, name, value) => checkInteger(action, name, value, least);
}

function unlessInfinite(check: Check): Check {
  return (action, name, value) => value === Infinity || check(action, name, value);
}

function checkTransfer(transfer: unknown, kind: "array" | "function"): void {
  if (kind === "array") checkArray(SUBMIT, "transfer", transfer);
  else checkType(SUBMIT, "transfer", transfer, "function");
}

function wrongType(action: string, name: string, kind: string, value: unknown): TypeError {
  const current = value === null ? "null" : typeof value;
  const text = `Cannot ${action} as '${name}' must be ${kind}: current type is ${current}`;
  return misuse(new TypeError(text));
}

function outOfRange(action: string, name: string, kind: string, value: unknown): RangeError {
  const text = `Cannot ${action} as '${name}' must be ${kind}: current value is ${value}`;
  return misuse(new RangeError(text));
}
