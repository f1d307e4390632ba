import type { AsyncResult } from "./async_result.ts";
import { defaultWorkerUrl, startDefaultWorker } from "./default_worker.ts";
import type { PoolGround } from "./core/pool/ground.ts";
import { type PoolState, Scheduler } from "./core/pool/scheduler.ts";
import { blameCaller } from "./core/error_stack.ts";
import { checkMayCreate, modulesAbove, notePools } from "./core/worker/pools_above.ts";
import type { TaskCode } from "./core/wire/source_text.ts";
import type { Time } from "./core/ports.ts";
import { type TaskFunction, type TaskHome, taskRefOf } from "./core/wire/task_ref.ts";
import { PoolStateError } from "./errors.ts";
import {
  type AsyncOptions,
  type CheckedPoolOptions,
  checkPoolOptions,
  type ImapOptions,
  type MapOptions,
  NO_OPTIONS,
  type PoolOptions,
  type PoolStats,
  type TaskOptions,
} from "./options.ts";
import { type ResultIterator, whenForgotten } from "./result_iterator.ts";
import { Clock } from "./runtime/clock.ts";
import { embeddedText } from "./runtime/embedded.ts";
import { captureContext } from "./runtime/async_context.ts";
import { ownTexts } from "./runtime/main_module.ts";
import { checkPlatform, now } from "./runtime/platform.ts";
import type { WorkerLike } from "./runtime/port.ts";
import { defaultIdleTimeout, defaultWorkers, WorkerThread } from "./runtime/thread.ts";
import { startWorker, type WorkerSource } from "./runtime/start.ts";
import { noteLocal, Submitter } from "./submitter.ts";

/**
 * A pool of workers that run functions, as Python's `multiprocessing.Pool`.
 *
 * Every method takes first the function, then its arguments or items, then
 * options. Arguments and results are copied as by `structuredClone`. Every
 * promise settles, whatever becomes of the worker.
 *
 * A pool that nobody holds any more is closed when it is collected as garbage. A
 * function given to it that mentions it, such as its `worker` factory, holds it.
 *
 * **Unlike Python:** workers start on demand; a worker that dies fails its task
 * with {@linkcode WorkerLostError}; inputs are read as workers have room.
 *
 * @example The functions of this module
 * ```ts
 * import { Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * export function square(n: number): number {
 *   return n * n;
 * }
 *
 * if (import.meta.main) {
 *   const pool = new Pool({ workers: 2, module: import.meta.url });
 *   assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9]);
 *   pool.close();
 *   await pool.join();
 * }
 * ```
 */
export class Pool implements AsyncDisposable {
  readonly #workers: number;
  readonly #scheduler: Scheduler;
  readonly #submitter: Submitter;

  /**
   * Builds a pool. No worker starts before it is needed, but for `minWorkers`.
   *
   * @param options How many workers, where functions are found, what workers may do.
   * @throws {TypeError} If an option has the wrong type, or the platform is too old.
   * @throws {RangeError} If an option is out of range.
   * @throws {PoolStateError} In a module that a pool's worker is importing; and in a
   * worker, outside of any task, if `module` is that of a pool above it.
   */
  constructor(options: PoolOptions = NO_OPTIONS) {
    try {
      const { workers, scheduler, submitter } = assemble(options);
      this.#workers = workers;
      this.#scheduler = scheduler;
      this.#submitter = submitter;
    } catch (error) {
      throw blameCaller(error, Pool);
    }
    whenForgotten(this, closer(this.#scheduler));
  }

  /**
   * Where the pool is in its life.
   *
   * @returns "running", "closed", "terminated", or "broken" once no worker can be had.
   */
  get state(): PoolState {
    return this.#scheduler.state;
  }

  /**
   * Runs a function once, as Python's `apply`. Equal calls of one turn travel together.
   *
   * @typeParam R Type of the result.
   * @param fn The function.
   * @param args Its arguments.
   * @param options Signal, timeout, priority and the like.
   * @returns A promise for the function's result, or what it throws.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example One call
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 1 });
   * const sum = await pool.apply((a: number, b: number) => a + b, [1, 2], { timeout: 10_000 });
   * assert.equal(sum, 3);
   * await pool.terminate();
   * ```
   */
  apply<R>(fn: TaskFunction<[], R>, args?: readonly [], options?: TaskOptions): Promise<R>;
  /**
   * Runs a function with arguments once, as Python's `apply`.
   *
   * @typeParam A Parameters of the function.
   * @typeParam R Type of the result.
   * @param fn The function.
   * @param args Its arguments.
   * @param options Signal, timeout, priority and the like.
   * @returns A promise for the function's result, or what it throws.
   */
  apply<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    args: readonly [...A],
    options?: TaskOptions,
  ): Promise<R>;
  apply(
    fn: TaskFunction<never[], unknown>,
    args: readonly unknown[] = [],
    options?: TaskOptions,
  ): Promise<unknown> {
    try {
      return this.#submitter.apply(fn, args, options);
    } catch (error) {
      throw blameCaller(error, Pool.prototype.apply);
    }
  }

  /**
   * Runs a function once, as Python's `apply_async`.
   *
   * @typeParam R Type of the result.
   * @param fn The function.
   * @param args Its arguments.
   * @param options As for {@linkcode Pool.apply}, and callbacks.
   * @returns The result on its way.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example Results in the order in which they come
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * const found: number[] = [];
   * const half = (n: number) => n / 2;
   * const results = [2, 4, 6].map((n) =>
   *   pool.applyAsync(half, [n], { callback: (value) => found.push(value) })
   * );
   * for (const result of results) await result.wait();
   * assert.deepEqual(found.sort(), [1, 2, 3]);
   * await pool.terminate();
   * ```
   */
  applyAsync<R>(
    fn: TaskFunction<[], R>,
    args?: readonly [],
    options?: TaskOptions & AsyncOptions<R>,
  ): AsyncResult<R>;
  /**
   * Runs a function with arguments once, as Python's `apply_async`.
   *
   * @typeParam A Parameters of the function.
   * @typeParam R Type of the result.
   * @param fn The function.
   * @param args Its arguments.
   * @param options As for {@linkcode Pool.apply}, and callbacks.
   * @returns The result on its way.
   */
  applyAsync<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    args: readonly [...A],
    options?: TaskOptions & AsyncOptions<R>,
  ): AsyncResult<R>;
  applyAsync(
    fn: TaskFunction<never[], unknown>,
    args: readonly unknown[] = [],
    options: TaskOptions & AsyncOptions<never> = NO_OPTIONS,
  ): AsyncResult<unknown> {
    try {
      return this.#submitter.applyAsync(fn, args, options);
    } catch (error) {
      throw blameCaller(error, Pool.prototype.applyAsync);
    }
  }

  /**
   * Runs a function on each item, as Python's `map`. Items travel in chunks.
   *
   * The promise settles when every chunk is over, with the first error if there
   * was one; an error skips the rest of its own chunk. See `failFast`.
   *
   * Of an array the items are read that it has at the call: later ones are not,
   * and one that has become shorter before it was read is a `RangeError`. Any
   * other input ends where its iterator does, whatever length it has.
   *
   * @typeParam T Type of the items.
   * @typeParam R Type of a result.
   * @param fn The function; it gets one item.
   * @param items Its input, of any length.
   * @param options Chunk size, signal, progress and the like.
   * @returns A promise for the results, in input order.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example A million numbers
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * function* count(): Generator<number> {
   *   for (let n = 0; n < 1_000_000; n++) yield n;
   * }
   *
   * const pool = new Pool({ workers: 2 });
   * const doubles = await pool.map((n: number) => n * 2, count());
   * assert.equal(doubles[999_999], 1_999_998);
   * await pool.terminate();
   * ```
   */
  map<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions<T> = NO_OPTIONS,
  ): Promise<R[]> {
    try {
      return this.#submitter.map(fn, items, options, { spread: false });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.map);
    }
  }

  /**
   * As {@linkcode Pool.map}, with a result that can be asked: Python's `map_async`.
   *
   * @typeParam T Type of the items.
   * @typeParam R Type of a result.
   * @param fn The function; it gets one item.
   * @param items Its input, of any length.
   * @param options As for {@linkcode Pool.map}, and callbacks, which get all results at once.
   * @returns The results on their way.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example Doing something else meanwhile
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * const lengths = pool.mapAsync((word: string) => word.length, ["one", "three"]);
   * assert.equal(lengths.ready(), false);
   * assert.deepEqual(await lengths.get(), [3, 5]);
   * await pool.terminate();
   * ```
   */
  mapAsync<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions<T> & AsyncOptions<R[]> = NO_OPTIONS,
  ): AsyncResult<R[]> {
    try {
      return this.#submitter.mapAsync(fn, items, options, { spread: false });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.mapAsync);
    }
  }

  /**
   * As {@linkcode Pool.map}, with a list of arguments as each item: Python's `starmap`.
   *
   * @typeParam A Parameters of the function.
   * @typeParam R Type of a result.
   * @param fn The function.
   * @param argLists Its argument lists, as many as you like.
   * @param options As for {@linkcode Pool.map}.
   * @returns A promise for the results, in input order.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example Two arguments each
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * const power = (base: number, exponent: number) => base ** exponent;
   * assert.deepEqual(await pool.starmap(power, [[2, 3], [3, 2]]), [8, 9]);
   * await pool.terminate();
   * ```
   */
  starmap<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Iterable<readonly [...A]> | AsyncIterable<readonly [...A]>,
    options: MapOptions<readonly [...A]> = NO_OPTIONS,
  ): Promise<R[]> {
    try {
      return this.#submitter.map(fn, argLists, options, { spread: true });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.starmap);
    }
  }

  /**
   * As {@linkcode Pool.starmap}, with a result that can be asked: Python's `starmap_async`.
   *
   * @typeParam A Parameters of the function.
   * @typeParam R Type of a result.
   * @param fn The function.
   * @param argLists Its argument lists, as many as you like.
   * @param options As for {@linkcode Pool.mapAsync}.
   * @returns The results on their way.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example With a callback
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * const seen: number[][] = [];
   * const sums = pool.starmapAsync((a: number, b: number) => a + b, [[1, 2], [3, 4]], {
   *   callback: (values) => seen.push(values),
   * });
   * await sums.wait();
   * assert.deepEqual(seen, [[3, 7]]);
   * await pool.terminate();
   * ```
   */
  starmapAsync<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Iterable<readonly [...A]> | AsyncIterable<readonly [...A]>,
    options: MapOptions<readonly [...A]> & AsyncOptions<R[]> = NO_OPTIONS,
  ): AsyncResult<R[]> {
    try {
      return this.#submitter.mapAsync(fn, argLists, options, { spread: true });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.starmapAsync);
    }
  }

  /**
   * As {@linkcode Pool.map}, with the outcome of every item, as `Promise.allSettled`.
   *
   * @typeParam T Type of the items.
   * @typeParam R Type of a result.
   * @param fn The function; it gets one item.
   * @param items Its input, of any length.
   * @param options As for {@linkcode Pool.map}.
   * @returns A promise for the outcomes, in input order; no task's error rejects it.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example Good and bad items
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * const outcomes = await pool.mapSettled((text: string) => JSON.parse(text), ["1", "{"]);
   * assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected"]);
   * await pool.terminate();
   * ```
   */
  mapSettled<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions<T> = NO_OPTIONS,
  ): Promise<PromiseSettledResult<R>[]> {
    try {
      return this.#submitter.mapSettled(fn, items, options);
    } catch (error) {
      throw blameCaller(error, Pool.prototype.mapSettled);
    }
  }

  /**
   * Runs a function on each item and hands out the results one by one, in input
   * order: Python's `imap`. The input may be endless: it is read no further
   * than `bufferSize` results ahead of the reader. It ends where its iterator
   * does: what an array gets while it is read counts.
   *
   * @typeParam T Type of the items.
   * @typeParam R Type of a result.
   * @param fn The function; it gets one item.
   * @param items Its input, of any length.
   * @param options As for {@linkcode Pool.map}, and `bufferSize`.
   * @returns The results, to iterate over.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example The first squares above 50
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * function* naturals(): Generator<number> {
   *   for (let n = 1;; n++) yield n;
   * }
   *
   * const pool = new Pool({ workers: 2 });
   * const found: number[] = [];
   * for await (const square of pool.imap((n: number) => n * n, naturals())) {
   *   if (square > 50) found.push(square);
   *   if (found.length === 2) break;
   * }
   * assert.deepEqual(found, [64, 81]);
   * await pool.terminate();
   * ```
   */
  imap<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: ImapOptions<T> = NO_OPTIONS,
  ): ResultIterator<R> {
    try {
      return this.#submitter.imap(fn, items, options, { spread: false, ordered: true });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.imap);
    }
  }

  /**
   * As {@linkcode Pool.imap}, with the results as they come: Python's `imap_unordered`.
   *
   * @typeParam T Type of the items.
   * @typeParam R Type of a result.
   * @param fn The function; it gets one item.
   * @param items Its input, of any length.
   * @param options As for {@linkcode Pool.imap}.
   * @returns The results, to iterate over.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example Whatever is ready first
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * let total = 0;
   * for await (const length of pool.imapUnordered((word: string) => word.length, ["a", "bc"])) {
   *   total += length;
   * }
   * assert.equal(total, 3);
   * await pool.terminate();
   * ```
   */
  imapUnordered<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: ImapOptions<T> = NO_OPTIONS,
  ): ResultIterator<R> {
    try {
      return this.#submitter.imap(fn, items, options, { spread: false, ordered: false });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.imapUnordered);
    }
  }

  /**
   * As {@linkcode Pool.imap}, with a list of arguments as each item.
   *
   * @typeParam A Parameters of the function.
   * @typeParam R Type of a result.
   * @param fn The function.
   * @param argLists Its argument lists, as many as you like.
   * @param options As for {@linkcode Pool.imap}.
   * @returns The results, to iterate over.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example Pairs, in order
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * const areas = pool.istarmap((a: number, b: number) => a * b, [[1, 2], [3, 4]]);
   * assert.equal((await areas.next()).value, 2);
   * assert.equal((await areas.next()).value, 12);
   * await pool.terminate();
   * ```
   */
  istarmap<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Iterable<readonly [...A]> | AsyncIterable<readonly [...A]>,
    options: ImapOptions<readonly [...A]> = NO_OPTIONS,
  ): ResultIterator<R> {
    try {
      return this.#submitter.imap(fn, argLists, options, { spread: true, ordered: true });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.istarmap);
    }
  }

  /**
   * As {@linkcode Pool.istarmap}, with the results as they come.
   *
   * @typeParam A Parameters of the function.
   * @typeParam R Type of a result.
   * @param fn The function.
   * @param argLists Its argument lists, as many as you like.
   * @param options As for {@linkcode Pool.imap}.
   * @returns The results, to iterate over.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument or option has the wrong type.
   * @throws {RangeError} If an option is out of range.
   *
   * @example The largest of some products
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * let largest = 0;
   * const product = (a: number, b: number) => a * b;
   * for await (const value of pool.istarmapUnordered(product, [[1, 2], [3, 4]])) {
   *   largest = Math.max(largest, value);
   * }
   * assert.equal(largest, 12);
   * await pool.terminate();
   * ```
   */
  istarmapUnordered<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Iterable<readonly [...A]> | AsyncIterable<readonly [...A]>,
    options: ImapOptions<readonly [...A]> = NO_OPTIONS,
  ): ResultIterator<R> {
    try {
      return this.#submitter.imap(fn, argLists, options, { spread: true, ordered: false });
    } catch (error) {
      throw blameCaller(error, Pool.prototype.istarmapUnordered);
    }
  }

  /**
   * Runs a function once in each worker; those that are not up yet are started.
   *
   * @typeParam R Type of a result.
   * @param fn The function.
   * @param args Its arguments, the same in each worker.
   * @returns A promise for the results, one for each worker.
   * @throws {PoolStateError} If the pool is closed or terminated.
   * @throws {TypeError} If an argument has the wrong type.
   *
   * @example Emptying a cache everywhere
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * const setLevel = (level: number) => Object.assign(globalThis, { level }).level;
   * assert.deepEqual(await pool.broadcast(setLevel, [3]), [3, 3]);
   * await pool.terminate();
   * ```
   */
  broadcast<R>(fn: TaskFunction<[], R>, args?: readonly []): Promise<R[]>;
  /**
   * Runs a function with arguments once in each worker.
   *
   * @typeParam A Parameters of the function.
   * @typeParam R Type of a result.
   * @param fn The function.
   * @param args Its arguments, the same in each worker.
   * @returns A promise for the results, one for each worker.
   */
  broadcast<A extends unknown[], R>(fn: TaskFunction<A, R>, args: readonly [...A]): Promise<R[]>;
  broadcast(
    fn: TaskFunction<never[], unknown>,
    args: readonly unknown[] = [],
  ): Promise<unknown[]> {
    try {
      return this.#submitter.broadcast(fn, args);
    } catch (error) {
      throw blameCaller(error, Pool.prototype.broadcast);
    }
  }

  /**
   * Starts all workers that are not up yet, and waits for them.
   *
   * @returns A promise that resolves when all workers are up and initialized, or
   * have been since the call, where workers are replaced meanwhile; and that
   * rejects with the pool's error if it is broken, closed or terminated.
   *
   * @example Warming up before a measurement
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * await pool.ready();
   * assert.equal(pool.stats().idle, 2);
   * await pool.terminate();
   * ```
   */
  ready(): Promise<void> {
    const isUp = this.#workers === 0 && this.state === "running";
    return isUp ? Promise.resolve() : this.#scheduler.warmUp(this);
  }

  /**
   * Takes no new jobs, as Python's `close`; what is queued still runs, then the
   * workers end. May be called again.
   */
  close(): void {
    this.#scheduler.close();
  }

  /**
   * Stops now, as Python's `terminate`. May be called at any time, and again.
   *
   * **Unlike Python:** pending results reject, with {@linkcode PoolTerminatedError}.
   *
   * @returns A promise that resolves when every worker has ended, as {@linkcode Pool.join}.
   */
  terminate(): Promise<void> {
    this.#scheduler.terminate();
    return this.#scheduler.ended;
  }

  /**
   * Waits for the workers' end, as Python's `join`. A worker that cannot be
   * stopped (on Deno, a busy one) is not waited for.
   *
   * @returns A promise that resolves when every worker has ended; it rejects with
   * {@linkcode PoolStateError} if the pool was neither closed nor terminated.
   *
   * @example A pool's end
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 1 });
   * const result = pool.apply(() => 1);
   * pool.close();
   * await pool.join();
   * assert.equal(await result, 1);
   * ```
   */
  join(): Promise<void> {
    if (this.state !== "running") return this.#scheduler.ended;
    const text = "Cannot join the pool as it must be closed or terminated first";
    return Promise.reject(new PoolStateError(`${text}: ${this.state}`));
  }

  /**
   * Terminates and joins, as the end of Python's `with` block.
   *
   * @returns A promise that resolves when every worker has ended.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  /**
   * What the pool is doing, and has done.
   *
   * @returns Numbers as of now.
   *
   * @example After some work
   * ```ts
   * import { Pool } from "@polypool/pool";
   * import assert from "node:assert/strict";
   *
   * const pool = new Pool({ workers: 2 });
   * await pool.map((n: number) => n + 1, [1, 2, 3]);
   * assert.equal(pool.stats().completed, 3);
   * await pool.terminate();
   * ```
   */
  stats(): PoolStats {
    const { outcomes, queued, roster } = this.#scheduler;
    const { size: workers, idle, busy, restarted, abandoned } = roster;
    return { workers, idle, busy, queued, running: busy, ...outcomes, restarted, abandoned };
  }
}

/** What a pool is made of. */
interface Parts {
  readonly workers: number;
  readonly scheduler: Scheduler;
  readonly submitter: Submitter;
}

function assemble(options: PoolOptions): Parts {
  checkPlatform();
  const defaults = { workers: defaultWorkers(), idleTimeout: defaultIdleTimeout() };
  const checked = checkPoolOptions(options, defaults);
  checkMayCreate(checked.module);
  // The calling thread counts as the one worker where there is none.
  const workers = Math.max(1, checked.workers);
  const home = homeOf(checked);
  const local = checked.workers === 0 ? new Map<string, TaskCode>() : undefined;
  const initializer = initializerOf(checked, home, local);
  const limits = { ...checked, ...DEFAULTS, workers, readsAhead: local === undefined };
  const source = { ...sourceOf(checked.worker), local };
  const modules = modulesAbove(checked.module);
  const newThread = newThreadOf(source);
  // On the calling thread the first task that needs it imports it.
  const startModule = local === undefined ? checked.module : undefined;
  const ground = { limits, time, newThread, modules, startModule, initializer };
  const scheduler = new Scheduler(ground);
  const submitter = new Submitter(scheduler, { limits, home, local });
  return { workers: checked.workers, scheduler, submitter };
}

/** What bounds every pool until something knows better. */
const DEFAULTS = { chunkMs: 2, retries: 0 };

const time: Time = { now, newTimer: () => new Clock() };

notePools();

function sourceOf(factory: CheckedPoolOptions["worker"]): WorkerSource {
  if (factory === undefined) {
    return { start: startDefaultWorker, file: defaultWorkerUrl(), isServed: false };
  }
  const text = embeddedText(factory);
  if (text === undefined) return { start: inContext(factory), isServed: true };
  return { start: (name) => startWorker(text, name), isServed: false };
}

/** The caller's factory, in the async context of this moment: whoever has it called is somebody else. */
function inContext(factory: () => WorkerLike): () => WorkerLike {
  const context = captureContext();
  return () => context ? context(factory) : factory();
}

// Closures in scopes of their own, which the pool is not in: it could never be forgotten.

function newThreadOf(source: WorkerSource): PoolGround["newThread"] {
  return (name, listener) => new WorkerThread(source, name, listener);
}

function closer(scheduler: Scheduler): () => void {
  return () => scheduler.close();
}

function homeOf({ module, worker }: CheckedPoolOptions): TaskHome {
  if (module !== undefined) return { url: module, hasText: ownTexts(module) };
  return worker === undefined || embeddedText(worker) !== undefined ? undefined : "served";
}

function initializerOf(
  { initializer, initArgs }: CheckedPoolOptions,
  home: TaskHome,
  local: Map<string, TaskCode> | undefined,
): PoolGround["initializer"] {
  if (initializer === undefined) return undefined;
  const ref = taskRefOf(initializer, home);
  noteLocal(initializer, ref, local);
  return { ref, args: initArgs };
}
