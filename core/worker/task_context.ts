import { blameCaller, misuse } from "../error_stack.ts";
import { type CurrentTask, existingState, thread } from "./thread_state.ts";

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
  const state = existingState();
  const provider = state?.scope?.getStore();
  return (provider === undefined ? state?.provider : provider)?.currentTask();
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
  return existingState()?.isPoolWorker ?? false;
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
export function move<T extends object>(value: T, transferables: readonly object[]): T {
  if (typeof value !== "object" || value === null) {
    const text = "Cannot move a value as only an object holds buffers";
    throw blameCaller(misuse(new TypeError(`${text}: ${typeof value}`)), move);
  }
  if (!Array.isArray(transferables)) {
    const text = "Cannot move a value as 'transferables' must be an array";
    throw blameCaller(misuse(new TypeError(`${text}: ${typeof transferables}`)), move);
  }
  thread().moved.set(value, transferables as readonly Transferable[]);
  return value;
}

const NONE: readonly Transferable[] = [];

/** What {@linkcode move} was told of a result. */
export function transferablesOf(value: unknown): readonly Transferable[] {
  if (typeof value !== "object" || value === null) return NONE;
  return existingState()?.moved.get(value) ?? NONE;
}
