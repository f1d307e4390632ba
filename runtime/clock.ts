import { TimeoutError } from "../errors.ts";
import type { Timer } from "../core/ports.ts";
import { isRefable } from "./port.ts";

/** The platform's own, whatever a test of the caller's puts in their place later. */
const { setTimeout, clearTimeout } = globalThis;

/** Calls back in a later turn of the event loop. */
export function nextTurn(callback: () => void): void {
  setTimeout(callback);
}

/** Longest wait that a platform's timer takes; a longer one would fire at once. */
const MAX_WAIT = 2 ** 31 - 1;

/** Turns of the event loop without a message after which nothing that was sent is to come. */
export const QUIET_TURNS = 3;

/** Most turns that a wait which is over hears: messages may come without end. */
const MAX_TURNS = 50;

/** A timer that is so many ms late was held up: by its thread, or with the whole process. */
const LATE_MS = 50;

/** Messages of all workers so far. */
let messages = 0;

/** Takes note that a message of some worker has come. */
export function noteMessage(): void {
  messages++;
}

/** A timer for waits of any length, one wait at a time. */
export class Clock implements Timer {
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

/**
 * A clock whose wait, once it is over, first hears what has arrived, which may
 * stop it: timers run before messages.
 */
export class Deadline extends Clock {
  readonly #heard: () => number;

  /** @param heard How many messages have come that may stop the wait. */
  constructor(heard: () => number = () => messages) {
    super();
    this.#heard = heard;
  }

  override start(ms: number, callback: () => void): void {
    const due = performance.now() + ms;
    super.start(ms, () => {
      const late = performance.now() - due;
      const hear = () => this.#hear(QUIET_TURNS, ms > 0 ? MAX_TURNS : QUIET_TURNS, callback);
      // If the process was stopped, so were the workers: they may need the time that it took,
      // though no more than all that they had.
      if (late > LATE_MS) super.start(Math.min(late, ms), hear);
      else hear();
    });
  }

  /** Calls back after so many turns without a message, but after `most` at the latest. */
  #hear(quiet: number, most: number, callback: () => void): void {
    if (quiet === 0 || most === 0) return callback();
    const heard = this.#heard();
    super.start(0, () => {
      this.#hear(this.#heard() === heard ? quiet - 1 : QUIET_TURNS, most - 1, callback);
    });
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
    const clock = new Deadline();
    clock.start(Math.max(0, timeoutMs), () => {
      onTimeout();
      reject(new TimeoutError(`Cannot ${action} as it is not ready in time: ${timeoutMs} ms`));
    });
    promise.then(resolve, reject).finally(() => clock.stop());
  });
}
