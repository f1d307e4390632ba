/**
 * Python's `multiprocessing.Pool` for Deno, Bun, Node and browsers.
 *
 * @example Squares, four at a time
 * ```ts
 * import { Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 4 });
 * assert.deepEqual(await pool.map((n: number) => n * n, [1, 2, 3]), [1, 4, 9]);
 * pool.close();
 * await pool.join();
 * ```
 *
 * @module
 */

export { AsyncResult } from "./async_result.ts";
export { currentTask, isPoolWorker, move } from "./core/worker/task_context.ts";
export type { CurrentTask } from "./core/worker/thread_state.ts";
export {
  fromModule,
  inline,
  type TaskFunction,
  type TaskModule,
  TaskReference,
} from "./core/wire/task_ref.ts";
export type { PoolState } from "./core/pool/scheduler.ts";
export {
  InitializerError,
  PoolStateError,
  PoolTerminatedError,
  QueueFullError,
  SerializationError,
  TaskNotFoundError,
  TimeoutError,
  type WorkerLostDetails,
  WorkerLostError,
} from "./errors.ts";
export type {
  AsyncOptions,
  ImapOptions,
  MapOptions,
  PoolOptions,
  PoolStats,
  Progress,
  TaskOptions,
} from "./options.ts";
export { Pool } from "./pool.ts";
export type { ResultIterator } from "./result_iterator.ts";
export type { WorkerLike } from "./runtime/port.ts";
