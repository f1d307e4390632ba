import { TimeoutError } from "../errors.ts";
import type { Timer } from "../core/ports.ts";
import { now, type Timers, timers } from "./platform.ts";
import { isRefable } from "./port.ts";

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
  readonly #timers: Timers;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #forget: (() => void) | undefined;
  #held = true;

  /** @param own What it waits with; the caller's own may be fake, and change. */
  constructor(own: Timers = timers()) {
    this.#timers = own;
  }

  /** Calls back after `ms` milliseconds, never if they are Infinity; forgets the wait before. */
  start(ms: number, callback: () => void): void {
    this.stop();
    if (ms === Infinity) return;
    const { setTimeout, clearTimeout } = this.#timers;
    const wait = Math.min(ms, MAX_WAIT);
    const timer = this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (ms > wait) this.start(ms - wait, callback);
      else callback();
    }, wait);
    // By what belongs to it: meanwhile there may be others.
    this.#forget = () => clearTimeout(timer);
    if (!this.#held) this.release();
  }

  /** Whether it waits. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Forgets the wait. */
  stop(): void {
    if (this.#timer === undefined) return;
    this.#forget?.();
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
 * A timer whose wait, once it is over, first hears what has arrived, which may
 * stop it: timers run before messages.
 */
export class Deadline implements Timer {
  readonly #heard: () => number;
  readonly #wait: Clock;
  readonly #hearing = new Clock();

  /**
   * @param heard How many messages have come that may stop the wait.
   * @param own What it waits with.
   */
  constructor(heard: () => number = () => messages, own?: Timers) {
    this.#heard = heard;
    this.#wait = new Clock(own);
  }

  start(ms: number, callback: () => void): void {
    this.stop();
    const due = now() + ms;
    this.#wait.start(ms, () => {
      const late = now() - due;
      const hear = () => this.#hear(QUIET_TURNS, ms > 0 ? MAX_TURNS : QUIET_TURNS, callback);
      // If the process was stopped, so were the workers: they may need the time that it took,
      // though no more than all that they had.
      if (late > LATE_MS) this.#hearing.start(Math.min(late, ms), hear);
      else hear();
    });
  }

  get isRunning(): boolean {
    return this.#wait.isRunning || this.#hearing.isRunning;
  }

  stop(): void {
    this.#wait.stop();
    this.#hearing.stop();
  }

  hold(): void {
    this.#wait.hold();
    this.#hearing.hold();
  }

  release(): void {
    this.#wait.release();
    this.#hearing.release();
  }

  /** Calls back after so many turns without a message, but after `most` at the latest. */
  #hear(quiet: number, most: number, callback: () => void): void {
    if (quiet === 0 || most === 0) return callback();
    const heard = this.#heard();
    this.#hearing.start(0, () => {
      this.#hear(this.#heard() === heard ? quiet - 1 : QUIET_TURNS, most - 1, callback);
    });
  }
}

/**
 * The same promise, or a TimeoutError if it takes too long; then `onTimeout` is
 * told first. The wait is the caller's own: it passes on a fake clock as well.
 */
export function withTimeout<R>(
  promise: Promise<R>,
  timeoutMs: number,
  action: string,
  onTimeout: () => void = () => {},
): Promise<R> {
  return new Promise((resolve, reject) => {
    const clock = new Deadline(undefined, globalThis);
    clock.start(Math.max(0, timeoutMs), () => {
      onTimeout();
      reject(new TimeoutError(`Cannot ${action} as it is not ready in time: ${timeoutMs} ms`));
    });
    promise.then(resolve, reject).finally(() => clock.stop());
  });
}
