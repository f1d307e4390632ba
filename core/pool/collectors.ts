import { Fifo } from "../queues.ts";
import { isFloats, type Values } from "../wire/packing.ts";

/** Where the outcomes of a job go. */
export interface Collector {
  /** Tasks in a row gave values, the first of them at an index. */
  fulfil(first: number, values: Values): void;
  /** A task failed. */
  reject(index: number, error: unknown): void;
  /** All tasks have their outcome; the input may have thrown after the last of them. */
  end(failure?: InputFailure): void;
  /** The job as a whole failed: it was aborted, or the pool cannot run it. */
  fail(error: unknown): void;
}

/** What the input of a job threw. */
export interface InputFailure {
  readonly error: unknown;
}

/** The two ends of a promise, as its executor gets them. */
export interface Resolvers<R> {
  /** Fulfils the promise. */
  readonly resolve: (value: R) => void;
  /** Rejects the promise. */
  readonly reject: (error: unknown) => void;
  /** Where the call was made, for the stack of its error. */
  readonly callSite?: Error;
  /** What must not be collected as garbage while its promise is waited for: it would be ended. */
  readonly holder?: object | undefined;
}

/** Brings what arrives in any order into the order that it should have. */
export class InOrder<Block extends { readonly length: number }> {
  readonly #emit: (block: Block) => void;
  /** What came before something that is due earlier. */
  readonly #early = new Map<number, Block>();
  #due = 0;

  /** @param emit Takes the blocks in order. */
  constructor(emit: (block: Block) => void) {
    this.#emit = emit;
  }

  /** Takes items in a row, the first of them at an index. */
  add(first: number, block: Block): void {
    this.#early.set(first, block);
    for (;;) {
      const next = this.#early.get(this.#due);
      if (next === undefined) return;
      this.#early.delete(this.#due);
      this.#due += next.length;
      this.#emit(next);
    }
  }

  /** Drops what is not due yet. */
  clear(): void {
    this.#early.clear();
  }
}

/** Longer arrays are not reserved: engines would keep them as tables of single elements. */
const MAX_RESERVED = 1 << 24;

/** So much of the values tells what kind of numbers they are. */
const SAMPLE = 1 / 16;

/** Gathers the values of a `map` into one array, in input order. */
export class MapCollector<R> implements Collector {
  readonly #resolvers: Resolvers<R[]>;
  readonly #inOrder = new InOrder<Values>((values) => this.#append(values));
  readonly #length: number | undefined;
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
   * @param resolvers Gets the array.
   * @param length How many values there will be, if that is known: an array that grows is copied
   * again and again, so that else it is made at the end.
   */
  constructor(resolvers: Resolvers<R[]>, length?: number) {
    this.#resolvers = resolvers;
    this.#length = length;
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
    if (failure !== undefined) return this.#resolvers.reject(failure.error);
    const values = this.#join();
    // The input may have had fewer items than was thought.
    values.length = this.#size;
    this.#resolvers.resolve(values);
  }

  fail(error: unknown): void {
    this.#resolvers.reject(error);
  }

  #append(block: Values): void {
    this.#blocks.push(block);
    this.#arrived += block.length;
    if (this.#length !== undefined && this.#arrived >= this.#length * SAMPLE) this.#join();
  }

  #join(): R[] {
    const values = this.#values ??= reserve(this.#length ?? this.#arrived, this.#blocks);
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
  const values = new Array(length > MAX_RESERVED ? 0 : length);
  // Else V8 takes it for one of integers, and copies it as a whole for the first float.
  if (blocks.some((block) => isFloats(block))) values[0] = 0.5;
  return values;
}

/** A function of its own, as engines compile a loop within a loop later, and less well. */
function put<R>(block: Values, values: R[], from: number): void {
  // As R, as the function's own type says what its values are: nothing checks it at run time.
  for (let at = 0; at < block.length; at++) values[from + at] = block[at] as R;
}

/** Gathers the outcomes of a `mapSettled`, in input order. */
export class SettledCollector<R> implements Collector {
  readonly #resolvers: Resolvers<PromiseSettledResult<R>[]>;
  readonly #outcomes: PromiseSettledResult<R>[] = [];
  readonly #inOrder = new InOrder<PromiseSettledResult<R>[]>((outcomes) => {
    for (const outcome of outcomes) this.#outcomes.push(outcome);
  });

  constructor(resolvers: Resolvers<PromiseSettledResult<R>[]>) {
    this.#resolvers = resolvers;
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
    if (inputFailure === undefined) this.#resolvers.resolve(this.#outcomes);
    else this.#resolvers.reject(inputFailure.error);
  }

  fail(error: unknown): void {
    this.#resolvers.reject(error);
  }
}

/** Outcomes in a row: values, or one error. */
type Outcomes = Values | Failure;

/** The error of one task, or of the job. */
class Failure {
  readonly length = 1;
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** A call of `next()` that waits for its outcome. */
export interface Waiter<R> {
  /** Resolves to the outcome. */
  readonly promise: Promise<IteratorResult<R, undefined>>;
  /** Waits no longer; the outcome goes to the next in line. */
  leave(): void;
}

/** Hands out the outcomes of an `imap`, in input order or as they come. */
export class ImapCollector<R> implements Collector {
  readonly #ordered: boolean;
  readonly #onRoom: () => void;
  readonly #ready = new Fifo<Outcomes>();
  /** How many of the first of them were handed out. */
  #at = 0;
  readonly #inOrder = new InOrder<Outcomes>((outcomes) => this.#ready.push(outcomes));
  readonly #waiters = new Fifo<Resolvers<IteratorResult<R, undefined>>>();
  #taken = 0;
  #ended = false;

  /**
   * @param ordered Whether outcomes are handed out in input order.
   * @param onRoom Called when there is room for more: an outcome was handed out, or one is waited for.
   */
  constructor(ordered: boolean, onRoom: () => void) {
    this.#ordered = ordered;
    this.#onRoom = onRoom;
  }

  /** Whether a reader waits for an outcome. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** How many outcomes were handed out. */
  get taken(): number {
    return this.#taken;
  }

  fulfil(first: number, values: Values): void {
    if (values.length > 0) this.#arrive(first, values);
  }

  reject(index: number, error: unknown): void {
    this.#arrive(index, new Failure(error));
  }

  end(failure?: InputFailure): void {
    if (failure !== undefined) this.#ready.push(new Failure(failure.error));
    this.#ended = true;
    this.#serve();
  }

  fail(error: unknown): void {
    this.#inOrder.clear();
    this.end({ error });
  }

  /** Ends at once: what has not been handed out never will be. */
  close(): void {
    this.#inOrder.clear();
    while (this.#ready.shift() !== undefined);
    this.#at = 0;
    this.end();
  }

  /** The next outcome, if it is a value that is there: most are, and nobody has to get in line. */
  takeNow(): IteratorResult<R, undefined> | undefined {
    const outcomes = this.#ready.peek();
    if (outcomes === undefined || outcomes instanceof Failure || this.isAwaited) return undefined;
    const result = this.#take(outcomes);
    this.#onRoom();
    return result;
  }

  /** Gets in line for the next outcome; until it is there, `holder` is not forgotten. */
  wait(holder?: object): Waiter<R> {
    const { promise, ...ends } = Promise.withResolvers<IteratorResult<R, undefined>>();
    const resolvers = { ...ends, holder };
    this.#waiters.push(resolvers);
    this.#serve();
    if (this.#waiters.size === 1) this.#onRoom();
    return { promise, leave: () => void this.#waiters.remove(resolvers) };
  }

  #arrive(first: number, outcomes: Outcomes): void {
    if (this.#ended) return;
    if (this.#ordered) this.#inOrder.add(first, outcomes);
    else this.#ready.push(outcomes);
    this.#serve();
  }

  #serve(): void {
    while (this.#waiters.size > 0) {
      const outcomes = this.#ready.peek();
      if (outcomes === undefined && !this.#ended) return;
      const waiter = this.#waiters.shift();
      if (outcomes === undefined) {
        waiter?.resolve({ done: true, value: undefined });
        continue;
      }
      if (outcomes instanceof Failure) waiter?.reject(this.#pass(outcomes).error);
      else waiter?.resolve(this.#take(outcomes));
      this.#onRoom();
    }
  }

  #take(values: Values): IteratorResult<R, undefined> {
    // The function's own type says what its values are; nothing checks it at run time.
    const value = values[this.#at] as R;
    this.#pass(values);
    return { done: false, value };
  }

  /** Takes note that the next of the first outcomes is handed out. */
  #pass<O extends Outcomes>(outcomes: O): O {
    if (++this.#at === outcomes.length) {
      this.#ready.shift();
      this.#at = 0;
    }
    this.#taken++;
    return outcomes;
  }
}
