import { Fifo } from "./fifo.ts";

/** How long those who share a pace may work in one turn of the event loop, all together, in ms. */
const TURN_MS = 4;

/**
 * Keeps those who have much to do from filling whole turns of the event loop:
 * they share some milliseconds of each, and go on one after the other.
 */
export class Pace {
  readonly #now: () => number;
  readonly #nextTurn: (callback: () => void) => void;
  readonly #line = new Fifo<() => void>();
  #isWatching = false;
  /** When the first of this turn had done something. */
  #since: number | undefined;

  /**
   * @param now Milliseconds since some moment.
   * @param nextTurn Calls back once everything else that is due has had its turn.
   */
  constructor(now: () => number, nextTurn: (callback: () => void) => void) {
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** Whether this turn has had its share; asked after each piece of work. */
  isSpent(): boolean {
    this.#watch();
    const now = this.#now();
    this.#since ??= now;
    return now - this.#since >= TURN_MS;
  }

  /** Calls back in a later turn, when those who have waited longer have had theirs. */
  wait(goOn: () => void): void {
    this.#line.push(goOn);
    this.#watch();
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#nextTurn(() => this.#beginTurn());
  }

  #beginTurn(): void {
    this.#isWatching = false;
    this.#since = undefined;
    const goOn = this.#line.shift();
    if (goOn === undefined) return;
    this.#watch();
    goOn();
  }
}
