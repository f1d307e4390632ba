import { moduleUrl, type TaskFunction } from "./core/wire/task_ref.ts";
import type { AsyncOptions, ImapOptions, PoolOptions, TaskOptions } from "./options.ts";
import type { WorkerLike } from "./runtime/port.ts";

/** The options of a pool, checked and complete. */
export type CheckedPoolOptions =
  & Required<Omit<PoolOptions, "module" | "worker" | "initializer" | "taskTimeout">>
  & {
    readonly module: string | undefined;
    readonly worker: (() => WorkerLike) | undefined;
    readonly initializer: TaskFunction<never[], unknown> | undefined;
    readonly taskTimeout: number | undefined;
  };

const BUILD = "create a pool";

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
  const { workers = defaults.workers, minWorkers = 0, maxTasksPerWorker = Infinity } = options;
  const { startTimeout = 30_000, initTimeout = Infinity, abortGrace = 0, taskTimeout } = options;
  const { idleTimeout = defaults.idleTimeout, maxQueue = Infinity, name = "polypool" } = options;
  const { module, worker, initializer, initArgs = [] } = options;
  checkInteger(BUILD, { workers }, 0);
  checkInteger(BUILD, { minWorkers }, 0);
  if (minWorkers > workers) {
    throw new RangeError(
      `Cannot ${BUILD} as 'minWorkers' must not be above 'workers', ${workers}: current value is ${minWorkers}`,
    );
  }
  if (maxTasksPerWorker !== Infinity) checkInteger(BUILD, { maxTasksPerWorker }, 1);
  if (maxQueue !== Infinity) checkInteger(BUILD, { maxQueue }, 0);
  for (
    const [key, value] of Object.entries({ startTimeout, initTimeout, idleTimeout, abortGrace })
  ) {
    checkTime(BUILD, { [key]: value });
  }
  if (taskTimeout !== undefined) checkTime(BUILD, { taskTimeout });
  checkType(BUILD, { name }, "string");
  if (worker !== undefined) checkType(BUILD, { worker }, "function");
  if (!Array.isArray(initArgs)) throw wrongType(BUILD, "initArgs", "an array", initArgs);
  return {
    ...{ workers, minWorkers, maxTasksPerWorker, maxQueue, startTimeout, initTimeout, abortGrace },
    ...{ idleTimeout, taskTimeout, name, worker, initializer, initArgs },
    module: module === undefined ? undefined : moduleUrl(module, BUILD),
  };
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
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType(SUBMIT, "signal", "an AbortSignal", signal);
  }
  if (timeout !== undefined) checkTime(SUBMIT, { timeout });
  if (priority !== undefined) checkNumber(SUBMIT, { priority });
  if (retries !== undefined && retries !== Infinity) checkInteger(SUBMIT, { retries }, 0);
  if (chunkSize !== undefined) checkInteger(SUBMIT, { chunkSize }, 1);
  if (bufferSize !== undefined) checkInteger(SUBMIT, { bufferSize }, 1);
  if (failFast !== undefined) checkType(SUBMIT, { failFast }, "boolean");
  if (options.transfer !== undefined) checkTransfer(options.transfer, transferKind);
  const { callback, errorCallback, onProgress, onReport } = options;
  if (callback !== undefined) checkType(SUBMIT, { callback }, "function");
  if (errorCallback !== undefined) checkType(SUBMIT, { errorCallback }, "function");
  if (onProgress !== undefined) checkType(SUBMIT, { onProgress }, "function");
  if (onReport !== undefined) checkType(SUBMIT, { onReport }, "function");
}

/**
 * Checks the longest wait of a `get`, `wait` or `next`.
 *
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is NaN.
 */
export function checkWait(action: string, timeoutMs: unknown): void {
  if (timeoutMs !== undefined) checkNumber(action, { timeoutMs });
}

function checkObject(action: string, name: string, value: unknown): void {
  if (typeof value !== "object" || value === null) {
    throw wrongType(action, name, "an object", value);
  }
}

function checkInteger(action: string, option: Record<string, unknown>, least: number): void {
  checkNumber(action, option);
  for (const [name, value] of Object.entries(option)) {
    if (Number.isInteger(value) && Number(value) >= least) continue;
    const kind = least === 0 ? "a non-negative integer" : "a positive integer";
    throw outOfRange(action, name, kind, value);
  }
}

function checkTime(action: string, option: Record<string, unknown>): void {
  checkNumber(action, option);
  for (const [name, value] of Object.entries(option)) {
    if (Number(value) < 0) throw outOfRange(action, name, "non-negative", value);
  }
}

function checkNumber(action: string, option: Record<string, unknown>): void {
  checkType(action, option, "number");
  for (const [name, value] of Object.entries(option)) {
    if (Number.isNaN(value)) throw outOfRange(action, name, "a number", value);
  }
}

function checkType(action: string, option: Record<string, unknown>, type: string): void {
  for (const [name, value] of Object.entries(option)) {
    const current = typeof value;
    if (current !== type) throw wrongType(action, name, `a ${type}`, value);
  }
}

function checkTransfer(transfer: unknown, kind: "array" | "function"): void {
  const isRight = kind === "array" ? Array.isArray(transfer) : typeof transfer === "function";
  const words = { array: "an array", function: "a function" };
  if (!isRight) throw wrongType(SUBMIT, "transfer", words[kind], transfer);
}

function wrongType(action: string, name: string, kind: string, value: unknown): TypeError {
  const current = value === null ? "null" : typeof value;
  return new TypeError(`Cannot ${action} as '${name}' must be ${kind}: current type is ${current}`);
}

function outOfRange(action: string, name: string, kind: string, value: unknown): RangeError {
  return new RangeError(`Cannot ${action} as '${name}' must be ${kind}: current value is ${value}`);
}
