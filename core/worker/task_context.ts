/** What a running task may know and say; see {@linkcode currentTask}. */
export interface CurrentTask {
  /** Aborts when the task's caller aborts it, or its time is over. */
  readonly signal: AbortSignal;
  /** Name of the worker that runs the task. */
  readonly workerName: string;
  /**
   * Sends a value to the `onReport` of the job.
   *
   * @param value Anything that can be cloned.
   * @throws {DataCloneError} If it cannot.
   */
  report(value: unknown): void;
}

/** What runs tasks on this thread. */
export interface TaskProvider {
  /** The task that runs at this moment, if one does. */
  currentTask(): CurrentTask | undefined;
}

/** Tells the code of tasks from other code of the same thread; `AsyncLocalStorage` is one. */
export interface TaskScope {
  /** Runs code as that of a task, or of none if it is `null`. */
  run<R>(task: CurrentTask | null, code: () => R): R;
  /** The task whose code asks, `null` for that of none; `undefined` for code that it did not run. */
  getStore(): CurrentTask | null | undefined;
}

/** The scope of platforms where nothing follows code through an `await`: it ends there. */
export class SyncScope implements TaskScope {
  #task: CurrentTask | null | undefined;

  run<R>(task: CurrentTask | null, code: () => R): R {
    const before = this.#task;
    this.#task = task;
    try {
      return code();
    } finally {
      this.#task = before;
    }
  }

  getStore(): CurrentTask | null | undefined {
    return this.#task;
  }
}

/**
 * The one piece of state that belongs to a thread: a task has no other way to
 * reach whoever runs it.
 */
export const thread: {
  /** Who runs all tasks of a pool's worker. */
  provider: TaskProvider | undefined;
  /** Where tasks run on a thread that is not theirs alone, once there are some. */
  scope: TaskScope | undefined;
  /** Whether the thread is a pool's worker. */
  isPoolWorker: boolean;
  /** How many task modules are being imported. */
  importing: number;
} = { provider: undefined, scope: undefined, isPoolWorker: false, importing: 0 };

/** Which buffers go along with which result; a value that is never returned is forgotten. */
const moved = new WeakMap<object, readonly Transferable[]>();

/**
 * What the running task may know and say.
 *
 * A worker has one task at a time: what a task leaves behind there, a timer for
 * instance, sees the task that runs by then. With `workers: 0` code sees its own
 * task; in browsers, which have no `AsyncLocalStorage`, only before its first `await`.
 *
 * @returns The task's signal, its worker's name and its way to report, or
 * `undefined` outside a task.
 *
 * @example Reporting progress
 * ```ts
 * import { currentTask, Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * export function half(n: number): number {
 *   currentTask()?.report("halfway");
 *   return n / 2;
 * }
 *
 * assert.equal(currentTask(), undefined);
 * const reports: unknown[] = [];
 * const pool = new Pool({ workers: 0, module: import.meta.url });
 * const value = await pool.apply(half, [8], { onReport: (value) => reports.push(value) });
 * assert.deepEqual([value, reports], [4, ["halfway"]]);
 * await pool.terminate();
 * ```
 */
export function currentTask(): CurrentTask | undefined {
  const task = thread.scope?.getStore();
  return task === undefined ? thread.provider?.currentTask() : task ?? undefined;
}

/**
 * Whether this code runs in a worker of a pool.
 *
 * @example On the main thread
 * ```ts
 * import { isPoolWorker } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * assert.equal(isPoolWorker(), false);
 * ```
 */
export function isPoolWorker(): boolean {
  return thread.isPoolWorker;
}

/**
 * Marks what a task's result hands over instead of copying.
 *
 * @typeParam T Type of the result.
 * @param value The task's return value: an object.
 * @param transferables Buffers, ports or streams within it.
 * @returns The value itself.
 * @throws {TypeError} If the value is no object, or the list no list.
 *
 * @example Returning a large buffer without a copy
 * ```ts
 * import { move } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * export function zeros(n: number): Uint8Array {
 *   const bytes = new Uint8Array(n);
 *   return move(bytes, [bytes.buffer]);
 * }
 *
 * assert.equal(zeros(3).length, 3);
 * ```
 */
export function move<T extends object>(value: T, transferables: readonly Transferable[]): T {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Cannot move a value as only an object holds buffers: ${typeof value}`);
  }
  if (!Array.isArray(transferables)) {
    throw new TypeError(
      `Cannot move a value as 'transferables' must be an array: ${typeof transferables}`,
    );
  }
  moved.set(value, transferables);
  return value;
}

const NONE: readonly Transferable[] = [];

/** What {@linkcode move} was told of a result. */
export function transferablesOf(value: unknown): readonly Transferable[] {
  if (typeof value !== "object" || value === null) return NONE;
  return moved.get(value) ?? NONE;
}
