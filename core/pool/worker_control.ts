import type { JobChunk } from "./job.ts";
import type { ToWorker } from "../wire/protocol.ts";

/** What the scheduler asks of a worker: its implementation has the thread and the clocks. */
export interface WorkerControl {
  /** Starts the thread after `delay` ms. */
  start(delay: number): void;
  /**
   * Sends a message.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: ToWorker, transfer: readonly Transferable[]): void;
  /** Starts the clock of the task that begins now, which may take `timeout` ms. */
  watch(timeout: number): void;
  /** Stops the clocks: the worker's task has ended. */
  unwatch(): void;
  /** Starts the clock of the initializer. */
  watchInitializer(): void;
  /** Starts the clock of a module import. */
  watchLoad(): void;
  /** Tells the running task to end, and gives it time to. */
  interrupt(chunk: JobChunk, reason: unknown): void;
  /** The worker has nothing to do: starts the clock that ends it. */
  rest(): void;
  /** The worker broke the protocol: it is not its own master any more, and has to end. */
  endForBadMessage(message: unknown): void;
  /** Keeps the process alive. */
  hold(): void;
  /** Lets the process end while the worker lives. */
  release(): void;
  /** Lets the thread end by itself, as it is idle. */
  stop(): void;
  /** Ends the thread, whatever it does. */
  kill(): void;
}

/** What is known of the end of a worker that the pool had not asked to end. */
export interface Death {
  /** The worker's exit code, where the runtime tells it. */
  readonly exitCode?: number | undefined;
  /** What killed it, where the runtime tells it. */
  readonly cause?: unknown;
  /** Whether it does not end, though it was made to. */
  readonly isAbandoned?: boolean;
}
