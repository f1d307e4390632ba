/** Longest wait that a platform's timer takes; a longer one would fire at once. */
const MAX_WAIT = 2 ** 31 - 1;

/** What some runtimes give for a timer in place of a number. */
interface RefTimer {
  ref(): void;
  unref(): void;
}

/** A timer for waits of any length, one wait at a time. */
export class Clock {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held = true;

  /** Calls back after `ms` milliseconds, never if they are Infinity; forgets the wait before. */
  start(ms: number, callback: () => void): void {
    this.stop();
    if (ms === Infinity) return;
    const wait = Math.min(ms, MAX_WAIT);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (ms > wait) this.start(ms - wait, callback);
      else callback();
    }, wait);
    if (!this.#held) this.release();
  }

  /** Forgets the wait. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Makes the wait keep the process alive, as it does from the beginning. */
  hold(): void {
    this.#held = true;
    if (isRefTimer(this.#timer)) this.#timer.ref();
  }

  /** Lets the process end during the wait, where the runtime can. */
  release(): void {
    this.#held = false;
    if (isRefTimer(this.#timer)) this.#timer.unref();
  }
}

function isRefTimer(timer: unknown): timer is RefTimer {
  return typeof timer === "object" && timer !== null && "unref" in timer;
}
