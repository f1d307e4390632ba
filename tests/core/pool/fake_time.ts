import type { Time, Timer } from "../../../core/ports.ts";

/** A timer that rings when its test wants it to. */
export class FakeTimer implements Timer {
  /** Milliseconds of the wait at hand. */
  ms = 0;
  /** Whether the wait keeps the process alive. */
  held = true;
  #callback: (() => void) | undefined;

  get isRunning(): boolean {
    return this.#callback !== undefined;
  }

  start(ms: number, callback: () => void): void {
    this.ms = ms;
    this.#callback = ms === Infinity ? undefined : callback;
  }

  stop(): void {
    this.#callback = undefined;
  }

  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
  }

  /** Ends the wait, if there is one; tells whether there was. */
  ring(): boolean {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
    return callback !== undefined;
  }
}

/** A clock that its test sets. */
export class FakeTime implements Time {
  /** The time, in milliseconds. */
  ms = 0;
  /** What it goes on by at each look. */
  pace = 0;
  readonly timers: FakeTimer[] = [];

  now: () => number = () => this.ms += this.pace;

  newTimer(): FakeTimer {
    const timer = new FakeTimer();
    this.timers.push(timer);
    return timer;
  }

  /** Lets all timers ring that run; tells whether there were any. */
  ring(): boolean {
    return this.timers.map((timer) => timer.ring()).includes(true);
  }
}
