import type { Collector, InputFailure, Settler } from "./collector.ts";
import { Fifo } from "./fifo.ts";
import { InOrder } from "./in_order.ts";
import type { Values } from "./packing.ts";

type Outcome<R> =
  | { readonly kind: "value"; readonly value: R }
  | { readonly kind: "error"; readonly error: unknown };

/** Somebody who waits for the next outcome. */
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
  readonly #ready = new Fifo<Outcome<R>>();
  readonly #inOrder = new InOrder<readonly Outcome<R>[]>((outcomes) => this.#offer(outcomes));
  readonly #waiters = new Fifo<Settler<IteratorResult<R, undefined>>>();
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

  /** Whether somebody waits for an outcome. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** How many outcomes were handed out. */
  get taken(): number {
    return this.#taken;
  }

  fulfil(first: number, values: Values): void {
    // The function's own type says what its values are; nothing checks it at run time.
    const outcome = (value: unknown) => ({ kind: "value", value: value as R } as const);
    this.#arrive(first, Array.from<unknown, Outcome<R>>(values, outcome));
  }

  reject(index: number, error: unknown): void {
    this.#arrive(index, [{ kind: "error", error }]);
  }

  end(failure?: InputFailure): void {
    if (failure !== undefined) this.#ready.push({ kind: "error", error: failure.error });
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
    this.end();
  }

  /** Gets in line for the next outcome; until it is there, `holder` is not forgotten. */
  wait(holder?: object): Waiter<R> {
    const { promise, ...ends } = Promise.withResolvers<IteratorResult<R, undefined>>();
    const settler = { ...ends, holder };
    this.#waiters.push(settler);
    this.#serve();
    if (this.#waiters.size === 1) this.#onRoom();
    return { promise, leave: () => void this.#waiters.remove(settler) };
  }

  #arrive(first: number, outcomes: readonly Outcome<R>[]): void {
    if (this.#ended) return;
    if (this.#ordered) this.#inOrder.add(first, outcomes);
    else this.#offer(outcomes);
    this.#serve();
  }

  #offer(outcomes: readonly Outcome<R>[]): void {
    for (const outcome of outcomes) this.#ready.push(outcome);
  }

  #serve(): void {
    while (this.#waiters.size > 0 && (this.#ready.size > 0 || this.#ended)) {
      const waiter = this.#waiters.shift();
      const outcome = this.#ready.shift();
      if (outcome === undefined) waiter?.resolve({ done: true, value: undefined });
      else if (outcome.kind === "value") waiter?.resolve({ done: false, value: outcome.value });
      else waiter?.reject(outcome.error);
      if (outcome !== undefined) this.#taken++;
      if (outcome !== undefined) this.#onRoom();
    }
  }
}
