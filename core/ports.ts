/** Waits in milliseconds, one at a time; its implementation has the clock. */
export interface Timer {
  /** Whether it waits. */
  readonly isRunning: boolean;
  /** Calls back after `ms` milliseconds, never if they are Infinity; forgets the wait before. */
  start(ms: number, callback: () => void): void;
  /** Forgets the wait. */
  stop(): void;
  /** Makes the wait keep the process alive. */
  hold(): void;
  /** Lets the process end during the wait. */
  release(): void;
}

/** What the pool's side asks of the time. */
export interface Time {
  /** Milliseconds since some moment. */
  now(): number;
  /** Makes a timer. */
  newTimer(): Timer;
}

/**
 * Where tasks run, as the pool's side needs it: a thread, or what is like one.
 *
 * @typeParam Message What it is sent.
 */
export interface Thread<Message> {
  /** Whether it can share memory with the pool. */
  readonly sharesMemory: boolean;
  /** Starts it. */
  start(): void;
  /**
   * Sends a message.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: Message, transfer: readonly Transferable[]): void;
  /** Makes a timer that hears what has arrived from the thread before it calls back. */
  newTimer(): Timer;
  /** Makes it keep the process alive, and what its timers wait for as well. */
  hold(): void;
  /** Lets the process end while it lives. */
  release(): void;
  /** Lets it end by itself, as it is idle. */
  stop(): void;
  /** Ends it, whatever it does. */
  kill(): void;
}

/** What is heard of a thread. */
export interface ThreadListener {
  /** It sent something. */
  message(data: unknown): void;
  /** Something went wrong in it that nobody caught: it is about to end. */
  failed(cause: unknown): void;
  /** It has ended, and all that it sent has been heard. */
  ended(exitCode: number | undefined): void;
  /** It does not end, though it was made to. */
  abandoned(): void;
}

/** What is known of a thread's end. */
export interface Death {
  /** Its exit code, where the runtime tells it. */
  readonly exitCode?: number | undefined;
  /** What killed it, where the runtime tells it. */
  readonly cause?: unknown;
  /** Whether it does not end, though it was made to. */
  readonly isAbandoned?: boolean;
}
