import type { InputFailure } from "./collectors.ts";
import { tagOf } from "../brands.ts";
import { misuse } from "../error_stack.ts";
import { Gathered } from "../wire/gathered.ts";
import { pieceOf, type Values } from "../wire/packing.ts";

/** Where the tasks of a job come from. */
export interface TaskInput {
  /** Number of all tasks, where nothing speaks against it. */
  readonly length: number | undefined;
  /** Whether nothing more will come. */
  readonly exhausted: boolean;
  /** What it threw after its items. */
  readonly failure?: InputFailure | undefined;
  /** Number of items not yet taken, as far as it can be told. */
  readonly remaining: number | undefined;
  /** How many items may be taken now, as far as is known. */
  readonly waiting: number;
  /**
   * Takes the next items, at most `limit`; fewer if there are no more, none if
   * they are still on their way: then `onArrival` is called once they are here.
   */
  take(limit: number): Values;
  /** Finds out whether there is more; not there where that is always known. */
  probe?(): void;
  /** Ends the reading; resolves when an input that has to has cleaned up. */
  cancel(): Promise<void> | undefined;
}

/**
 * Chooses how to read an input.
 *
 * @param items The input.
 * @param exact Whether an async one is to give as many items as are asked for.
 * @param onArrival Called when there is something to take of an async one, or it has ended.
 * @param isLive Whether an array is read as its iterator would, to the end that it has by then.
 */
export function openInput(
  items: unknown,
  exact: boolean,
  onArrival: () => void,
  isLive = false,
): TaskInput {
  if (isPlainArray(items)) return new ArrayInput(items, isLive);
  if (isAsyncIterable(items)) return new AsyncIterableInput(items, exact, onArrival);
  if (isIterable(items)) return new IterableInput(items);
  throw misuse(
    new TypeError(
      `Cannot read the tasks as they must be an Iterable or an AsyncIterable: ${typeof items}`,
    ),
  );
}

function isAsyncIterable(items: unknown): items is AsyncIterable<unknown> {
  return Object(items) === items &&
    typeof Reflect.get(Object(items), Symbol.asyncIterator) === "function";
}

function isIterable(items: unknown): items is Iterable<unknown> {
  if (items === null || items === undefined) return false;
  return typeof Reflect.get(Object(items), Symbol.iterator) === "function";
}

/** Whether an iterator over something would give what its indices give. */
function isPlainArray(items: unknown): items is readonly unknown[] {
  if (!Array.isArray(items)) return false;
  const prototype = Object.getPrototypeOf(items);
  // In every realm it is an array itself, and that of a subclass is none.
  return Array.isArray(prototype) && items[Symbol.iterator] === prototype.values &&
    !isAsyncIterable(items);
}

/** An array, cut into pieces: an iterator would take as long as a tiny task. */
class ArrayInput implements TaskInput {
  failure: InputFailure | undefined;
  readonly #items: readonly unknown[];
  /** How many items it is to have, if not just as many as there are. */
  readonly #fixed: number | undefined;
  #taken = 0;
  #done: boolean;

  constructor(items: readonly unknown[], isLive: boolean) {
    this.#items = items;
    this.#fixed = isLive ? undefined : this.#current;
    this.#done = this.#fixed === 0;
  }

  get length(): number {
    return this.#fixed ?? Math.max(this.#taken, this.#current);
  }

  get exhausted(): boolean {
    return this.#done;
  }

  get remaining(): number {
    return this.#done ? 0 : this.length - this.#taken;
  }

  get waiting(): number {
    return this.remaining;
  }

  take(limit: number): Values {
    if (this.#done) return [];
    const from = this.#taken;
    const items = this.#pieceOf(from, Math.min(from + limit, this.length, this.#current));
    this.#taken += items.length;
    this.probe();
    return items;
  }

  /** Looks whether this is the end, be it too soon. */
  probe(): void {
    const { length } = this;
    if (this.#done || this.#taken < Math.min(length, this.#current)) return;
    this.#done = true;
    if (this.#taken < length) this.failure = { error: shrunk(this.#current, length) };
  }

  cancel(): undefined {
    this.#done = true;
  }

  get #current(): number {
    return lengthOf(this.#items) ?? 0;
  }

  #pieceOf(from: number, to: number): Values {
    try {
      return pieceOf(this.#items, from, to);
    } catch {
      return this.#readSingly(from, to);
    }
  }

  /** An element is a getter that throws: those before it count. */
  #readSingly(from: number, to: number): unknown[] {
    const items: unknown[] = [];
    try {
      while (from + items.length < to) items.push(this.#items[from + items.length]);
    } catch (error) {
      this.#done = true;
      this.failure = { error };
    }
    return items;
  }
}

/** Whatever has an iterator; a length that it may have as well is taken for a guess. */
class IterableInput implements TaskInput {
  failure: InputFailure | undefined;
  readonly #items: Iterable<unknown>;
  readonly #guess: number | undefined;
  readonly #iterator: Iterator<unknown>;
  /** What was read and is not taken: mostly nothing. */
  readonly #ahead = new Gathered();
  /** How many items were read. */
  #count = 0;
  #done = false;
  /** Whether the caller's code is at work on the next item. */
  #isReading = false;
  /** The call of cancel() that came in the middle of a read; it is settled when the read is over. */
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(items: Iterable<unknown>) {
    this.#items = items;
    this.#guess = lengthOf(items);
    this.#iterator = items[Symbol.iterator]();
  }

  get length(): number | undefined {
    const isRight = this.#isShort && lengthOf(this.#items) === this.#guess;
    return isRight ? this.#guess : undefined;
  }

  get exhausted(): boolean {
    return this.#done;
  }

  get remaining(): number | undefined {
    if (this.#done) return 0;
    if (this.#guess === undefined || !this.#isShort) return undefined;
    return this.#guess - this.#count + this.#ahead.length;
  }

  get waiting(): number {
    return this.remaining ?? Infinity;
  }

  take(limit: number): Values {
    this.#readAhead(limit);
    const items = this.#ahead.take();
    if (this.#count === this.#guess) this.probe();
    return items;
  }

  /** Reads one item ahead: nothing else tells whether there is one. */
  probe(): void {
    this.#readAhead(1);
  }

  cancel(): Promise<void> | undefined {
    if (this.#done) return undefined;
    this.#done = true;
    this.#ahead.clear();
    if (!this.#isReading) return this.#close();
    this.#closing = Promise.withResolvers<void>();
    return this.#closing.promise;
  }

  /** Whether it has not given more than it was thought to have. */
  get #isShort(): boolean {
    return this.#guess !== undefined && this.#count <= this.#guess;
  }

  /** The input is the caller's code: it may end its own job meanwhile. */
  #readAhead(limit: number): void {
    this.#isReading = true;
    try {
      for (let left = limit - this.#ahead.length; left > 0 && !this.#done; left--) this.#readOne();
    } catch (error) {
      this.#done = true;
      if (this.#closing === undefined) this.failure = { error };
      else this.#closing.reject(error);
    }
    this.#isReading = false;
  }

  #readOne(): void {
    const { done, value } = this.#iterator.next();
    if (this.#closing !== undefined) {
      // Until now it could not be closed, as it was running.
      this.#closing.resolve(done ? undefined : this.#close());
    } else if (done) {
      this.#done = true;
    } else {
      this.#ahead.push(value);
      this.#count++;
    }
  }

  // Async, so that an error of the input's own cleaning up rejects.
  // deno-lint-ignore require-await
  async #close(): Promise<void> {
    this.#iterator.return?.();
  }
}

class AsyncIterableInput implements TaskInput {
  failure: InputFailure | undefined;
  readonly length = undefined;
  readonly remaining = undefined;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #exact: boolean;
  readonly #onArrival: () => void;
  #arrived: unknown[] = [];
  #reading = false;
  /** What came of closing it in the middle of a read. */
  #closed: Promise<void> | undefined;
  #done = false;

  constructor(items: AsyncIterable<unknown>, exact: boolean, onArrival: () => void) {
    this.#iterator = items[Symbol.asyncIterator]();
    this.#exact = exact;
    this.#onArrival = onArrival;
  }

  get exhausted(): boolean {
    return this.#done && this.#arrived.length === 0;
  }

  /** At least one, as an input goes on only when it is asked. */
  get waiting(): number {
    return this.exhausted ? 0 : Math.max(1, this.#arrived.length);
  }

  take(limit: number): Values {
    const enough = this.#done || this.#arrived.length >= (this.#exact ? limit : 1);
    if (enough) return this.#arrived.splice(0, limit);
    this.#readOn(limit);
    return [];
  }

  /** Has it read one item ahead; what comes of it is told by `onArrival`. */
  probe(): void {
    if (this.#arrived.length === 0) this.#readOn(1);
  }

  #readOn(limit: number): void {
    if (!this.#reading && !this.#done) void this.#read(limit);
  }

  async #read(limit: number): Promise<void> {
    this.#reading = true;
    try {
      while (!this.#done && this.#arrived.length < limit) {
        const { done, value } = await this.#iterator.next();
        if (done) this.#done = true;
        else if (!this.#done) this.#arrived.push(value);
        else this.#closed?.catch(() => this.#close()).catch(() => {});
        if (!this.#exact) this.#onArrival();
      }
    } catch (error) {
      if (!this.#done) this.failure = { error };
      this.#done = true;
    }
    this.#reading = false;
    this.#onArrival();
  }

  async cancel(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    this.#arrived = [];
    const closed = this.#close();
    if (!this.#reading) return await closed;
    // It closes when the read is over, which may be never; or it cannot, and is closed then.
    this.#closed = closed;
    closed.catch(() => {});
  }

  async #close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

/** How many items something says that it has: its iterator may give another number. */
export function lengthOf(items: unknown): number | undefined {
  try {
    const length = claimOf(items);
    return Number.isSafeInteger(length) && Number(length) >= 0 ? Number(length) : undefined;
  } catch {
    // It is the caller's code that cannot say it.
    return undefined;
  }
}

function claimOf(items: unknown): unknown {
  if (Array.isArray(items)) return items.length;
  if (ArrayBuffer.isView(items) && "length" in items) return items.length;
  if (tagOf(items) === "Set" || tagOf(items) === "Map") return Reflect.get(Object(items), "size");
  return undefined;
}

function shrunk(current: number, original: number): RangeError {
  const text = "Cannot read the items as the array has become shorter";
  return new RangeError(`${text}: ${current} of ${original}`);
}
