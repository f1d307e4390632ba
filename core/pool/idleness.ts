import type { PoolLimits, Time, Timer } from "../ports.ts";

/** Who is idle now and then. */
export interface Idler {
  /** Whether it has nothing to do. */
  readonly isIdle: boolean;
  /** It had nothing to do for long enough; tells whether it stays all the same. */
  rested(): boolean;
}

/** How long a worker has had nothing to do. */
export class Idleness {
  readonly #idler: Idler;
  readonly #limits: PoolLimits;
  readonly #time: Time;
  readonly #timer: Timer;
  #since = 0;

  /** @param timer Waits for its end; it may wait for something else before the first begins. */
  constructor(idler: Idler, limits: PoolLimits, time: Time, timer: Timer) {
    this.#idler = idler;
    this.#limits = limits;
    this.#time = time;
    this.#timer = timer;
  }

  /** When it began last. */
  get since(): number {
    return this.#since;
  }

  /**
   * It begins.
   *
   * @param isLimited Whether it is to end.
   */
  begin(isLimited: boolean): void {
    this.#since = this.#time.now();
    const { idleTimeout } = this.#limits;
    // The timer goes on during work: to stop and start it takes longer than a tiny task.
    if (isLimited && idleTimeout < Infinity && !this.#timer.isRunning) this.#await(idleTimeout);
  }

  #await(ms: number): void {
    this.#timer.start(ms, () => {
      if (!this.#idler.isIdle) return;
      const left = this.#limits.idleTimeout - (this.#time.now() - this.#since);
      if (left > 0) this.#await(left);
      else if (this.#idler.rested()) this.begin(true);
    });
  }
}
