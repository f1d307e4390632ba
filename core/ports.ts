/** What bounds a pool; all of it may change while the pool runs. Times in ms. */
export interface PoolLimits {
  /** Prefix of the workers' names. */
  readonly name: string;
  /** Most workers at a time. */
  readonly workers: number;
  /** Fewest workers at a time. */
  readonly minWorkers: number;
  /** Tasks after which a worker is replaced. */
  readonly maxTasksPerWorker: number;
  /** Most calls that may wait for a worker. */
  readonly maxQueue: number;
  /** Whether inputs may be read, and sent, before a worker needs them. */
  readonly readsAhead: boolean;
  /** Work that one message should carry: long against its cost, short against a wait that is felt. */
  readonly chunkMs: number;
  /** How often a task is rerun whose worker died, unless its caller says otherwise. */
  readonly retries: number;
  /** How long a task may take, likewise. */
  readonly taskTimeout: number | undefined;
  /** How long a thread may take to start, or a module to load. */
  readonly startTimeout: number;
  /** How long the initializer may take. */
  readonly initTimeout: number;
  /** How long a worker may have nothing to do. */
  readonly idleTimeout: number;
  /** How long a task may take that was told to end. */
  readonly abortGrace: number;
}

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
  /** What can be done if it says nothing when it should have started. */
  readonly ifSilent?: Remedy | undefined;
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
  /** It sent something that cannot be read. */
  unreadable(): void;
  /** It did not start, or an error in it was not caught: it is about to end. */
  failed(cause: unknown, remedy?: Remedy): void;
  /** It has ended, and all that it sent has been heard. */
  ended(exitCode: number | undefined): void;
  /** It does not end, though it was made to. */
  abandoned(): void;
}

/** What can be done about a thread that does not start. */
export interface Remedy {
  /** For the caller; nothing where the cause says it itself. */
  readonly advice?: string;
  /** Whether no other thread would start either. */
  readonly isFinal: boolean;
}

/** What is known of a thread's end. */
export interface Death {
  /** Its exit code, where the runtime tells it. */
  readonly exitCode?: number | undefined;
  /** What killed it, where the runtime tells it. */
  readonly cause?: unknown;
  /** What can be done about it, if it did not even start. */
  readonly remedy?: Remedy | undefined;
  /** Whether it was importing the pool's module while it started. */
  readonly isImporting?: boolean;
  /** Whether it does not end, though it was made to. */
  readonly isAbandoned?: boolean;
  /** Whether its own code wanted pools without end, and was refused. */
  readonly isRefused?: boolean;
}
