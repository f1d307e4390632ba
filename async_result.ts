import { blameCaller, isError, misuse } from "./core/error_stack.ts";
import { PoolStateError } from "./errors.ts";
import { type AsyncOptions, checkWait } from "./options.ts";
import { withTimeout } from "./runtime/clock.ts";

/**
 * A result on its way, as Python's `AsyncResult`. It is a promise as well:
 * `await result` gives the value or throws the error.
 *
 * **Unlike Python:** an error that nobody asks for is not reported, as there;
 * but no error is lost in a hang, whatever becomes of the worker.
 *
 * @typeParam R Type of the value.
 *
 * @example Collecting results one by one
 * ```ts
 * import { Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 2 });
 * const results = [1, 2, 3].map((n) => pool.applyAsync((n: number) => n * n, [n]));
 * const values: number[] = [];
 * for (const result of results) values.push(await result.get(10_000));
 * assert.deepEqual(values, [1, 4, 9]);
 * await pool.terminate();
 * ```
 */
export class AsyncResult<R> implements Promise<R> {
  /** As every promise has one: `"AsyncResult"`. */
  readonly [Symbol.toStringTag]: string = "AsyncResult";
  readonly #promise: Promise<R>;
  /** Gone once there is nothing to abort: the job behind it need not live as long as its result. */
  #abort: ((reason: unknown) => void) | undefined;
  /** Wakes those who wait for a limited time: a promise would not let go of them when it is over. */
  #waiters: Set<() => void> | undefined;
  #state: "pending" | "fulfilled" | "rejected" = "pending";

  /**
   * Follows a promise.
   *
   * @param promise What will have the value or the error.
   * @param abort Ends the work behind it.
   */
  constructor(promise: Promise<R>, abort: (reason: unknown) => void) {
    this.#abort = abort;
    // One promise for all: code that sees it settled sees the state changed.
    this.#promise = promise.then((value) => {
      this.#settle("fulfilled");
      return value;
    }, (error) => {
      this.#settle("rejected");
      throw error;
    });
    // As in Python, an error is kept until someone asks.
    this.#promise.catch(() => {});
  }

  /**
   * Waits for the value, as Python's `get`. A wait that is over does not end
   * the work: the result may be asked for again.
   *
   * @param timeoutMs Longest wait in ms; none without it, and none at all if it is not positive.
   * @returns The value.
   * @throws What the call threw.
   * @throws {TimeoutError} If there is no result in time.
   * @throws {TypeError} If `timeoutMs` is not a number.
   * @throws {RangeError} If it is NaN.
   *
   * @example Asking again after a time-out
   * ```ts
   * import { Pool, TimeoutError } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 1 });
   * const result = pool.applyAsync((n: number) => n + 1, [1]);
   * await assert.rejects(result.get(0), TimeoutError);
   * assert.equal(await result.get(), 2);
   * await pool.terminate();
   * ```
   */
  get(timeoutMs?: number): Promise<R> {
    try {
      checkWait("get the result", timeoutMs);
    } catch (error) {
      throw blameCaller(error, this.get);
    }
    if (timeoutMs === undefined || this.ready()) return this.#promise;
    const { promise, resolve } = Promise.withResolvers<R>();
    const wake = () => resolve(this.#promise);
    const waiters = this.#waiters ??= new Set();
    waiters.add(wake);
    return withTimeout(promise, timeoutMs, "get the result", () => waiters.delete(wake));
  }

  /**
   * Waits until there is a result, good or bad, as Python's `wait`. Never rejects.
   *
   * @param timeoutMs Longest wait in ms; none without it, and none at all if it is not positive.
   * @returns A promise that resolves when the result is there, or the time is over.
   * @throws {TypeError} If `timeoutMs` is not a number.
   * @throws {RangeError} If it is NaN.
   *
   * @example Waiting without taking
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 1 });
   * const result = pool.applyAsync(() => {
   *   throw new RangeError("no");
   * });
   * await result.wait();
   * assert.equal(result.ready(), true);
   * await pool.terminate();
   * ```
   */
  wait(timeoutMs?: number): Promise<void> {
    try {
      return this.get(timeoutMs).then(() => {}, () => {});
    } catch (error) {
      throw blameCaller(error, this.wait);
    }
  }

  /**
   * Whether there is a result, good or bad.
   *
   * @returns False until the callbacks have run.
   */
  ready(): boolean {
    return this.#state !== "pending";
  }

  /**
   * Whether the call ended well.
   *
   * @returns True for a value, false for an error.
   * @throws {PoolStateError} If there is no result yet.
   */
  successful(): boolean {
    if (this.#state === "pending") {
      const text = "Cannot tell whether the call was successful as it is not ready: pending";
      throw blameCaller(misuse(new PoolStateError(text)), this.successful);
    }
    return this.#state === "fulfilled";
  }

  /**
   * Ends the call: what waits is dropped; a running task sees its signal abort,
   * and its worker is replaced after the pool's `abortGrace`.
   *
   * @param reason What the result rejects with; by default a `DOMException` named "AbortError".
   */
  abort(reason?: unknown): void {
    this.#abort?.(reason ?? new DOMException("The call was aborted", "AbortError"));
  }

  /**
   * As `Promise.prototype.then`.
   *
   * @typeParam T What `onFulfilled` gives.
   * @typeParam E What `onRejected` gives.
   * @param onFulfilled Called with the value.
   * @param onRejected Called with the error.
   * @returns A promise for what they give.
   */
  then<T = R, E = never>(
    onFulfilled?: ((value: R) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    return this.#promise.then(onFulfilled, onRejected);
  }

  /**
   * As `Promise.prototype.catch`.
   *
   * @typeParam E What `onRejected` gives.
   * @param onRejected Called with the error.
   * @returns A promise for the value, or for what it gives.
   */
  catch<E = never>(
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.#promise.catch(onRejected);
  }

  /**
   * As `Promise.prototype.finally`.
   *
   * @param onFinally Called when there is a result.
   * @returns A promise for the same result.
   */
  finally(onFinally?: (() => void) | null): Promise<R> {
    return this.#promise.finally(onFinally);
  }

  #settle(state: "fulfilled" | "rejected"): void {
    this.#state = state;
    this.#abort = undefined;
    this.#waiters?.forEach((wake) => wake());
    this.#waiters = undefined;
  }
}

/** Calls back before the outcome is handed on; what a callback throws is the outcome. */
export async function callBack<R>(promise: Promise<R>, options: AsyncOptions<R>): Promise<R> {
  let value: R;
  try {
    value = await promise;
  } catch (error) {
    callErrorBack(error, options);
    throw error;
  }
  options.callback?.(value);
  return value;
}

function callErrorBack(error: unknown, options: AsyncOptions<never>): void {
  try {
    options.errorCallback?.(error);
  } catch (thrown) {
    if (isError(thrown) && thrown !== error) thrown.cause ??= error;
    throw thrown;
  }
}
