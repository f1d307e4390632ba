import type { Collector, InputFailure, Settler } from "./collector.ts";
import { InOrder } from "./in_order.ts";
import type { Values } from "./packing.ts";

/** Longer arrays are not reserved: engines would keep them as tables of single elements. */
const MAX_RESERVED = 1 << 24;

/** So much of the values tells what kind of numbers they are. */
const SAMPLE = 1 / 16;

/** Gathers the values of a `map` into one array, in input order. */
export class MapCollector<R> implements Collector {
  readonly #settler: Settler<R[]>;
  readonly #inOrder = new InOrder<Values>((values) => this.#append(values));
  readonly #length: number;
  /** Values that are not in the array yet. */
  #blocks: Values[] = [];
  /** How many have come, in the array or not. */
  #arrived = 0;
  /** Made late: until then workers wait for tasks, and it is not known what it will hold. */
  #values: R[] | undefined;
  /** How many are in it. */
  #size = 0;
  #failure: InputFailure | undefined;

  /**
   * @param settler Gets the array.
   * @param length How many values there will be, as far as is known: an array that grows is copied again and again.
   */
  constructor(settler: Settler<R[]>, length = 0) {
    this.#settler = settler;
    this.#length = length > MAX_RESERVED ? 0 : length;
  }

  fulfil(first: number, values: Values): void {
    if (this.#failure === undefined) this.#inOrder.add(first, values);
  }

  reject(_index: number, error: unknown): void {
    // The first error to arrive is the job's, as in Python; the others are dropped with it.
    this.#failure ??= { error };
  }

  end(inputFailure?: InputFailure): void {
    const failure = this.#failure ?? inputFailure;
    if (failure !== undefined) return this.#settler.reject(failure.error);
    const values = this.#join();
    // The input may have had fewer items than was thought.
    values.length = this.#size;
    this.#settler.resolve(values);
  }

  fail(error: unknown): void {
    this.#settler.reject(error);
  }

  #append(block: Values): void {
    this.#blocks.push(block);
    this.#arrived += block.length;
    if (this.#arrived >= this.#length * SAMPLE) this.#join();
  }

  #join(): R[] {
    const values = this.#values ??= reserve(this.#length, this.#blocks);
    for (const block of this.#blocks) {
      put(block, values, this.#size);
      this.#size += block.length;
    }
    this.#blocks = [];
    return values;
  }
}

/** An array for so many values, of which the first are here. */
function reserve<R>(length: number, blocks: readonly Values[]): R[] {
  const values = new Array(length);
  // Else V8 takes it for one of integers, and copies it as a whole for the first float.
  if (blocks.some((block) => block instanceof Float64Array)) values[0] = 0.5;
  return values;
}

/** A function of its own, as engines compile a loop within a loop later, and less well. */
function put<R>(block: Values, values: R[], from: number): void {
  // As R, as the function's own type says what its values are: nothing checks it at run time.
  for (let at = 0; at < block.length; at++) values[from + at] = block[at] as R;
}

/** Gathers the outcomes of a `mapSettled`, in input order. */
export class SettledCollector<R> implements Collector {
  readonly #settler: Settler<PromiseSettledResult<R>[]>;
  readonly #outcomes: PromiseSettledResult<R>[] = [];
  readonly #inOrder = new InOrder<PromiseSettledResult<R>[]>((outcomes) => {
    for (const outcome of outcomes) this.#outcomes.push(outcome);
  });

  constructor(settler: Settler<PromiseSettledResult<R>[]>) {
    this.#settler = settler;
  }

  fulfil(first: number, values: Values): void {
    // As in MapCollector, the type is the function's own.
    const outcome = (value: unknown) => ({ status: "fulfilled", value: value as R } as const);
    this.#inOrder.add(first, Array.from<unknown, PromiseFulfilledResult<R>>(values, outcome));
  }

  reject(index: number, reason: unknown): void {
    this.#inOrder.add(index, [{ status: "rejected", reason }]);
  }

  end(inputFailure?: InputFailure): void {
    if (inputFailure === undefined) this.#settler.resolve(this.#outcomes);
    else this.#settler.reject(inputFailure.error);
  }

  fail(error: unknown): void {
    this.#settler.reject(error);
  }
}
