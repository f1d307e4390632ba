import type { ImapCollector } from "./core/pool/collectors.ts";
import { checkWait } from "./options.ts";
import { withTimeout } from "./runtime/clock.ts";

/**
 * The results of an `imap`, one after the other.
 *
 * An item's error rejects the `next()` of its place, and further calls go on
 * behind it. A `for await` ends with the first error, as JavaScript has it:
 * then, and however else it ends, what has not run is dropped and the input closed.
 * So it is when nobody holds the iterator any more, nor waits for its next result.
 *
 * **Unlike Python:** leaving the loop cancels the rest; `next(timeoutMs)` is
 * there at any chunk size; and no error ends the iterator.
 *
 * @typeParam R Type of the values.
 *
 * @example Stepping over an error
 * ```ts
 * import { Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const pool = new Pool({ workers: 2 });
 * const roots = pool.imap((n: number) => {
 *   if (n < 0) throw new RangeError("negative");
 *   return Math.sqrt(n);
 * }, [4, -1, 9]);
 * assert.equal((await roots.next()).value, 2);
 * await assert.rejects(roots.next(), RangeError);
 * assert.equal((await roots.next()).value, 3);
 * assert.equal((await roots.next()).done, true);
 * await pool.terminate();
 * ```
 */
export interface ResultIterator<R> extends AsyncIterable<R> {
  /**
   * Waits for the next result.
   *
   * @param timeoutMs Longest wait in ms; none without it.
   * @returns The result, or that there is none left.
   * @throws What the task threw, or the input.
   * @throws {TimeoutError} If there is no result in time; the iterator stays usable.
   */
  next(timeoutMs?: number): Promise<IteratorResult<R, undefined>>;
  /**
   * Drops what has not run, and closes the input.
   *
   * @returns That there is no result left, once the input has cleaned up.
   */
  return(): Promise<IteratorResult<R, undefined>>;
  /** An iterator for one `for await`, which drops the rest when the loop ends. */
  [Symbol.asyncIterator](): AsyncIterator<R, undefined>;
}

/** Hands out what a collector has gathered. */
export class CollectedResults<R> implements ResultIterator<R> {
  readonly #collector: ImapCollector<R>;
  readonly #cancel: () => Promise<void> | undefined;

  /**
   * @param collector Where the results are.
   * @param cancel Drops what has not run and what was not handed out, and closes the input.
   */
  constructor(collector: ImapCollector<R>, cancel: () => Promise<void> | undefined) {
    this.#collector = collector;
    this.#cancel = cancel;
    whenForgotten(this, cancel);
  }

  next(timeoutMs?: number): Promise<IteratorResult<R, undefined>> {
    checkWait("get the next result", timeoutMs);
    const there = this.#collector.takeNow();
    if (there !== undefined) return Promise.resolve(there);
    const { promise, leave } = this.#collector.wait(this);
    if (timeoutMs === undefined) return promise;
    return withTimeout(promise, timeoutMs, "get the next result", leave);
  }

  async return(): Promise<IteratorResult<R, undefined>> {
    await this.#cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterator<R, undefined> {
    return {
      next: () => {
        const there = this.#collector.takeNow();
        return there === undefined ? this.#nextOrEnd() : Promise.resolve(there);
      },
      return: () => this.return(),
    };
  }

  async #nextOrEnd(): Promise<IteratorResult<R, undefined>> {
    try {
      return await this.next();
    } catch (error) {
      // The language ends the loop here without a word to the iterator; the first error counts.
      await this.return().catch(() => {});
      throw error;
    }
  }
}

/** Ends what is behind objects that are garbage; absent where the platform tells of no collection. */
const registry = globalThis.FinalizationRegistry === undefined
  ? undefined
  : new FinalizationRegistry<() => void>((end) => end());

/**
 * Has something ended once an object is garbage.
 *
 * @param object Whatever may be forgotten.
 * @param end Ends what is behind it. It must not reach the object, not even by a
 * scope that it shares with another closure: that would hold it for ever.
 */
export function whenForgotten(object: object, end: () => void): void {
  registry?.register(object, end);
}
