/** Waits in milliseconds, one at a time; its implementation has the clock. */
export interface Timer {
  /** Whether it waits. */
  readonly isRunning: boolean;
  /** Calls back after `ms` milliseconds; forgets the wait before. */
  start(ms: number, callback: () => void): void;
  /** Forgets the wait. */
  stop(): void;
  /** Makes the wait keep the process alive. */
  hold(): void;
  /** Lets the process end during the wait. */
  release(): void;
}

/** What the scheduler asks of the time. */
export interface Time {
  /** Milliseconds since some moment. */
  now(): number;
  /** Makes a timer. */
  newTimer(): Timer;
}
