/**
 * The errors that callers may want to catch.
 *
 * @module
 */

/** Says in every copy of the package which of these classes an error is of. */
const ERROR_CLASS = Symbol.for("polypool.error.1");

/** Puts the name where the language's own errors have it, so that stacks begin with it. */
function nameOnPrototype(errorClass: { prototype: Error }, name: string): void {
  const property = { value: name, configurable: true, writable: true };
  Object.defineProperty(errorClass.prototype, "name", property);
  Object.defineProperty(errorClass.prototype, ERROR_CLASS, property);
}

/** Name of the class of these that an error is of, whichever copy of the package has made it. */
export function errorClassOf(error: object): unknown {
  return Reflect.get(error, ERROR_CLASS);
}

/**
 * A wait, a task or a module import took longer than allowed.
 *
 * The platform's `AbortSignal.timeout()` gives a `DOMException` of the same
 * name: test `error.name` where both may arrive.
 *
 * @example Giving up on a slow task
 * ```ts
 * import { Pool, TimeoutError } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 1 });
 * const nap = () => new Promise((wake) => setTimeout(wake, 500));
 * await assert.rejects(pool.apply(nap, [], { timeout: 20 }), TimeoutError);
 * await pool.terminate();
 * ```
 */
export class TimeoutError extends Error {
  static {
    nameOnPrototype(this, "TimeoutError");
  }
}

/**
 * The pool, or a result, is not in a state that allows the call.
 *
 * @example Submitting to a closed pool
 * ```ts
 * import { Pool, PoolStateError } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 1 });
 * pool.close();
 * assert.throws(() => pool.apply(() => 1), PoolStateError);
 * await pool.join();
 * ```
 */
export class PoolStateError extends Error {
  static {
    nameOnPrototype(this, "PoolStateError");
  }
}

/**
 * The pool was terminated before the task had a result.
 *
 * @example What pending calls get
 * ```ts
 * import { Pool, PoolTerminatedError } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 1 });
 * const rejected = assert.rejects(pool.apply(() => 1), PoolTerminatedError);
 * await pool.terminate();
 * await rejected;
 * ```
 */
export class PoolTerminatedError extends Error {
  static {
    nameOnPrototype(this, "PoolTerminatedError");
  }
}

/** What is known of a worker that died; see {@linkcode WorkerLostError}. */
export interface WorkerLostDetails extends ErrorOptions {
  /** The worker's exit code, where the runtime tells it. */
  exitCode?: number | undefined;
  /** Name of the function that the worker was running, if it was running one. */
  task?: string | undefined;
  /** Name of the worker. */
  workerName: string;
}

/**
 * A worker died: it crashed, exited, or could not start.
 *
 * The error that killed the worker, where the runtime tells it, is the `cause`.
 *
 * @example A task that ends its own worker
 * ```ts
 * import { Pool, WorkerLostError } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 1 });
 * const exit = async () => (await import("node:process")).exit(3);
 * await assert.rejects(pool.apply(exit), WorkerLostError);
 * assert.equal(await pool.apply((n: number) => n + 1, [1]), 2);
 * await pool.terminate();
 * ```
 */
export class WorkerLostError extends Error {
  static {
    nameOnPrototype(this, "WorkerLostError");
  }

  /** The worker's exit code, or `undefined` where the runtime does not tell it. */
  readonly exitCode: number | undefined;
  /** Name of the function that was running, or `undefined` if none was. */
  readonly task: string | undefined;
  /** Name of the worker that died. */
  readonly workerName: string;

  /**
   * Describes the loss of one worker.
   *
   * @param message What could not be done, and why.
   * @param details What is known of the worker.
   */
  constructor(message: string, details: WorkerLostDetails) {
    super(message, details);
    this.exitCode = details.exitCode;
    this.task = details.task;
    this.workerName = details.workerName;
  }
}

/**
 * The pool's `initializer` failed, and with it the pool; `cause` says why.
 *
 * @example A pool that cannot begin
 * ```ts
 * import { InitializerError, Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const initializer = () => {
 *   throw new RangeError("no database");
 * };
 * const pool = new Pool({ workers: 1, initializer });
 * await assert.rejects(pool.apply(() => 1), InitializerError);
 * await pool.terminate();
 * ```
 */
export class InitializerError extends Error {
  static {
    nameOnPrototype(this, "InitializerError");
  }
}

/**
 * The worker looked for a function where it was said to be, and it is not there;
 * or what has its name is not the function that was passed, or that name means several.
 *
 * @example A function that its module does not export
 * ```ts
 * import { Pool, TaskNotFoundError } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const double = (n: number) => n * 2;
 * const pool = new Pool({ workers: 1, module: "data:text/javascript,export const half = 0.5" });
 * await assert.rejects(pool.apply(double, [1]), TaskNotFoundError);
 * await pool.terminate();
 * ```
 */
export class TaskNotFoundError extends Error {
  static {
    nameOnPrototype(this, "TaskNotFoundError");
  }
}

/**
 * More tasks wait than the pool's `maxQueue` allows.
 *
 * @example A pool that refuses to queue
 * ```ts
 * import { Pool, QueueFullError } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 1, maxQueue: 0 });
 * const first = pool.apply(() => 1);
 * await assert.rejects(pool.apply(() => 2), QueueFullError);
 * assert.equal(await first, 1);
 * await pool.terminate();
 * ```
 */
export class QueueFullError extends Error {
  static {
    nameOnPrototype(this, "QueueFullError");
  }
}

/**
 * A task's result, or what it threw, could not be copied to the caller.
 *
 * @example A result that cannot be cloned
 * ```ts
 * import { Pool, SerializationError } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 1 });
 * await assert.rejects(pool.apply(() => () => 1), SerializationError);
 * await pool.terminate();
 * ```
 */
export class SerializationError extends Error {
  static {
    nameOnPrototype(this, "SerializationError");
  }
}
