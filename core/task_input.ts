import type { InputFailure } from "./collector.ts";
import { pieceOf, type Values } from "./packing.ts";

/** Where the tasks of a job come from. */
export interface TaskInput {
  /** Number of all tasks, where it is known beforehand. */
  readonly length: number | undefined;
  /** Whether nothing more will come. */
  readonly exhausted: boolean;
  /** Number of items not yet taken, where it is known. */
  readonly remaining: number | undefined;
  /** How many items may be taken now, as far as is known. */
  readonly waiting: number;
  /**
   * Takes the next items, at most `limit`; fewer if there are no more, none if
   * they are still on their way: then `onArrival` is called once they are here.
   */
  take(limit: number): Taken;
  /** Ends the reading; resolves when an input that has to has cleaned up. */
  cancel(): Promise<void> | undefined;
}

/** Items of an input, and what it threw after them. */
export interface Taken {
  readonly items: Values;
  readonly failure?: InputFailure | undefined;
}

/** Chooses how to read an input. */
export function openInput(items: unknown, exact: boolean, onArrival: () => void): TaskInput {
  if (isPlainArray(items)) return new ArrayInput(items);
  if (isAsyncIterable(items)) return new AsyncIterableInput(items, exact, onArrival);
  if (isIterable(items)) return new IterableInput(items);
  throw new TypeError(
    `Cannot read the tasks as they must be an Iterable or an AsyncIterable: ${typeof items}`,
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
  return Array.isArray(items) && Object.getPrototypeOf(items) === Array.prototype &&
    items[Symbol.iterator] === Array.prototype.values && !isAsyncIterable(items);
}

/** An array, cut into pieces: an iterator would take as long as a tiny task. */
class ArrayInput implements TaskInput {
  readonly length: number;
  readonly #items: readonly unknown[];
  #taken = 0;

  constructor(items: readonly unknown[]) {
    this.#items = items;
    this.length = items.length;
  }

  get exhausted(): boolean {
    return this.#taken === this.length;
  }

  get remaining(): number {
    return this.length - this.#taken;
  }

  get waiting(): number {
    return this.remaining;
  }

  take(limit: number): Taken {
    const from = this.#taken;
    this.#taken = Math.min(from + limit, this.length);
    try {
      const items = pieceOf(this.#items, from, Math.min(this.#taken, this.#items.length));
      // It may have become shorter.
      if (from + items.length < this.#taken) this.#taken = this.length;
      return { items };
    } catch {
      return this.#takeSingly(from);
    }
  }

  /** An element is a getter that throws: those before it count. */
  #takeSingly(from: number): Taken {
    const items: unknown[] = [];
    try {
      while (from + items.length < this.#taken) items.push(this.#items[from + items.length]);
      return { items };
    } catch (error) {
      this.#taken = this.length;
      return { items, failure: { error } };
    }
  }

  cancel(): undefined {
    this.#taken = this.length;
  }
}

class IterableInput implements TaskInput {
  readonly length: number | undefined;
  readonly #iterator: Iterator<unknown>;
  #taken = 0;
  #done = false;

  constructor(items: Iterable<unknown>) {
    this.length = lengthOf(items);
    this.#iterator = items[Symbol.iterator]();
  }

  get exhausted(): boolean {
    return this.#done || this.#taken === this.length;
  }

  get remaining(): number | undefined {
    return this.length === undefined ? undefined : this.length - this.#taken;
  }

  get waiting(): number {
    return this.exhausted ? 0 : this.remaining ?? Infinity;
  }

  take(limit: number): Taken {
    const items: unknown[] = [];
    try {
      while (items.length < limit && !this.exhausted) this.#readInto(items);
    } catch (error) {
      this.#done = true;
      return { items, failure: { error } };
    }
    return { items };
  }

  #readInto(items: unknown[]): void {
    const { done, value } = this.#iterator.next();
    if (done) {
      this.#done = true;
      return;
    }
    // Pushed, not assigned: engines clone an array with holes many times slower.
    items.push(value);
    this.#taken++;
  }

  // Async, so that an error of the input's own cleaning up rejects.
  // deno-lint-ignore require-await
  async cancel(): Promise<void> {
    if (this.exhausted) return;
    this.#done = true;
    this.#iterator.return?.();
  }
}

class AsyncIterableInput implements TaskInput {
  readonly length = undefined;
  readonly remaining = undefined;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #exact: boolean;
  readonly #onArrival: () => void;
  #arrived: unknown[] = [];
  #failure: InputFailure | undefined;
  #reading = false;
  #done = false;

  constructor(items: AsyncIterable<unknown>, exact: boolean, onArrival: () => void) {
    this.#iterator = items[Symbol.asyncIterator]();
    this.#exact = exact;
    this.#onArrival = onArrival;
  }

  get exhausted(): boolean {
    return this.#done && this.#arrived.length === 0 && this.#failure === undefined;
  }

  /** At least one, as only somebody who asks makes the input go on. */
  get waiting(): number {
    return this.exhausted ? 0 : Math.max(1, this.#arrived.length);
  }

  take(limit: number): Taken {
    const enough = this.#done || this.#arrived.length >= (this.#exact ? limit : 1);
    if (!enough) {
      if (!this.#reading) void this.#read(limit);
      return { items: [] };
    }
    const items = this.#arrived.splice(0, limit);
    if (this.#arrived.length > 0) return { items };
    const failure = this.#failure;
    this.#failure = undefined;
    return { items, failure };
  }

  async #read(limit: number): Promise<void> {
    this.#reading = true;
    try {
      while (!this.#done && this.#arrived.length < limit) {
        const { done, value } = await this.#iterator.next();
        if (done) this.#done = true;
        else if (!this.#done) this.#arrived.push(value);
        if (!this.#exact) this.#onArrival();
      }
    } catch (error) {
      if (!this.#done) this.#failure = { error };
      this.#done = true;
    }
    this.#reading = false;
    this.#onArrival();
  }

  async cancel(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    this.#arrived = [];
    const closed = this.#iterator.return?.();
    // An input that is in the middle of a read closes when that is over, which may be never.
    if (this.#reading) closed?.catch(() => {});
    else await closed;
  }
}

/** The length of what has one by construction: others may claim any length and give another. */
export function lengthOf(items: unknown): number | undefined {
  if (Array.isArray(items)) return items.length;
  if (ArrayBuffer.isView(items) && "length" in items) return Number(items.length);
  if (items instanceof Set || items instanceof Map) return items.size;
  return undefined;
}
