import { TimeoutError } from "../errors.ts";
import { isRefable } from "./port.ts";

/** Longest wait that a platform's timer takes; a longer one would fire at once. */
const MAX_WAIT = 2 ** 31 - 1;

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

  /** Whether it waits. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Forgets the wait. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Makes the wait keep the process alive, as it does from the beginning. */
  hold(): void {
    this.#held = true;
    if (isRefable(this.#timer)) this.#timer.ref();
  }

  /** Lets the process end during the wait, where the runtime can. */
  release(): void {
    this.#held = false;
    if (isRefable(this.#timer)) this.#timer.unref();
  }
}

/** The same promise, or a TimeoutError if it takes too long; then `onTimeout` is told first. */
export function withTimeout<R>(
  promise: Promise<R>,
  timeoutMs: number,
  action: string,
  onTimeout: () => void = () => {},
): Promise<R> {
  return new Promise((resolve, reject) => {
    const clock = new Clock();
    clock.start(Math.max(0, timeoutMs), () => {
      onTimeout();
      reject(new TimeoutError(`Cannot ${action} as it is not ready in time: ${timeoutMs} ms`));
    });
    promise.then(resolve, reject).finally(() => clock.stop());
  });
}
