import { TimeoutError, WorkerLostError } from "../../errors.ts";
import { type Backlog, isBound } from "./backlog.ts";
import type { JobChunk } from "./job.ts";
import type { Death, PoolLimits, Timer } from "../ports.ts";
import { decodeError, describe, encodeError } from "../wire/error_codec.ts";
import { unpack } from "../wire/packing.ts";
import {
  type FromWorker,
  type ResultsMessage,
  type ToWorker,
  unreachable,
} from "../wire/protocol.ts";

/** The worker whose tasks are watched. */
export interface WatchedWorker {
  readonly name: string;
  readonly owner: {
    /** The worker goes on, and may keep back what is wanted. */
    progressed(): void;
    /** Tasks that it was sent are to run elsewhere. */
    requeue(chunk: JobChunk): void;
  };
  /** Sends it a message. */
  tell(message: ToWorker): void;
  /** It has ended its first chunk. */
  chunkEnded(): void;
  /** It cannot be used any more: its task does not end. */
  discard(): void;
  /** It said what cannot be. */
  endForBadMessage(message: unknown): void;
}

/** What a worker says of a chunk. */
type OfChunk = Extract<FromWorker, { readonly chunk: number }>;

/**
 * Watches what a worker does with the chunks that it holds: takes their
 * results, and ends a task that is out of time or not wanted any more.
 */
export class TaskWatch {
  readonly #backlog: Backlog;
  readonly #worker: WatchedWorker;
  readonly #limits: PoolLimits;
  /** Waits for what the worker must do next: load a module, or end a task. */
  readonly #deadline: Timer;
  /** Waits for the end of a task that was told to end. */
  readonly #grace: Timer;
  #isInterrupted = false;
  #hasBegunTasks = false;

  constructor(
    backlog: Backlog,
    worker: WatchedWorker,
    limits: PoolLimits,
    newTimer: () => Timer,
  ) {
    this.#backlog = backlog;
    this.#worker = worker;
    this.#limits = limits;
    this.#deadline = newTimer();
    this.#grace = newTimer();
  }

  /** Whether the worker's task was told to end: it gets no other until it does, or is killed. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Whether the worker has ever begun a task. */
  get hasBegunTasks(): boolean {
    return this.#hasBegunTasks;
  }

  /** Watches no longer. */
  stop(): void {
    this.#deadline.stop();
    this.#grace.stop();
  }

  // What the worker says

  /** Hears what the worker says of one of its chunks. */
  hear(message: OfChunk): void {
    if (message.kind === "results") this.#backlog.claims.heard();
    const { first } = this.#backlog;
    // What it says of a chunk that it should not have is not taken from it.
    if (first !== undefined && first.id === message.chunk) this.#hear(first, message);
  }

  #hear(chunk: JobChunk, message: OfChunk): void {
    switch (message.kind) {
      case "loading":
        return this.#loading();
      case "loadFailed":
        chunk.job.fail(decodeError(message.error));
        return this.#ended(chunk);
      case "began":
        this.#began(chunk);
        return this.#worker.owner.progressed();
      case "ending":
        chunk.tellsEachTask = true;
        return;
      case "results":
        return this.#results(chunk, message);
      case "reportFailed":
        return chunk.job.fail(decodeError(message.error));
      case "report":
        // A task that is over has nothing to say any more.
        if (message.position < chunk.next || message.position >= chunk.size) return;
        return chunk.job.report(chunk, message.position, message.value);
      default:
        return unreachable(message);
    }
  }

  #loading(): void {
    this.#backlog.setLoading(true);
    this.#deadline.start(this.#limits.startTimeout, () => this.#loadTimedOut());
  }

  #began(chunk: JobChunk): void {
    const wasLoading = this.#backlog.isLoading;
    this.#backlog.setLoading(false);
    // Its grace has a timer of its own, which goes on.
    if (this.#isInterrupted) return;
    const { timeout } = chunk.job.policy;
    if (timeout !== undefined) this.#deadline.start(timeout, () => this.#timedOut());
    else if (wasLoading) this.#deadline.stop();
  }

  #results(chunk: JobChunk, message: ResultsMessage): void {
    // Results come in order and without gaps: a task that is left out would wait for ever.
    if (chunk.left > 0 && message.from > chunk.next) return this.#worker.endForBadMessage(message);
    this.#hasBegunTasks = true;
    const values = unpack(message.values);
    chunk.settle(message, values);
    if (values.length > 0) chunk.job.fn.measure(values.length, message.elapsed);
    if (message.ended && leavesOut(chunk)) return this.#worker.endForBadMessage(message);
    if (message.ended) return this.#ended(chunk);
    if (!chunk.job.isAtWork) chunk.job.advance();
    this.#began(chunk);
    this.#worker.owner.progressed();
  }

  #ended(chunk: JobChunk): void {
    this.#backlog.end();
    this.#isInterrupted = false;
    this.stop();
    chunk.job.skip(chunk.left);
    chunk.job.advance();
    this.interruptIfAborted();
    this.#worker.chunkEnded();
  }

  // What must not go on

  /** Tells the worker to end the task that it runs, if that one's job was aborted. */
  interruptIfAborted(): void {
    const { first, claims } = this.#backlog;
    const abortion = first?.job.abortion;
    if (first === undefined || abortion === undefined) return;
    if (claims.mayRun(first)) this.#interrupt(first, abortion.reason);
  }

  #timedOut(): void {
    const { first, claims } = this.#backlog;
    if (first === undefined || this.#isInterrupted) return;
    const runs = claims.freeze(first, first.next + 1);
    // Else its result is on the way, but will not be for ever: the worker may let nothing out.
    if (!runs && first.mayBeLate()) return this.#began(first);
    const { fn, policy } = first.job;
    const text = `Cannot wait longer for task '${fn.name}' as its timeout is over`;
    const error = new TimeoutError(`${text}: ${policy.timeout} ms`);
    first.reject(first.next, error);
    if (runs) this.#interrupt(first, error);
    else this.#worker.discard();
    // It may be the last: its grace is not the caller's to wait for.
    first.job.advance();
  }

  #loadTimedOut(): void {
    const { first, isLoading, hasBegun } = this.#backlog;
    if (first === undefined || !isLoading) return;
    // The message that it has loaded is on the way, also if nothing was left of that chunk.
    if (hasBegun) return this.#began(first);
    const text = `Cannot run task '${first.job.fn.name}' as its module did not load in time`;
    first.job.fail(new TimeoutError(`${text}: ${this.#limits.startTimeout} ms`));
    this.#worker.discard();
  }

  #interrupt(chunk: JobChunk, reason: unknown): void {
    if (this.#isInterrupted) return;
    // The last first, as each goes before all others.
    const others = this.#backlog.chunks.slice(1).reverse();
    for (const other of others) this.#retract(other);
    this.#retract(chunk);
    // The worker has gone on to the next chunk: the message that this one has ended is on the way.
    if (others.some((other) => this.#backlog.begun(other) > 0)) return;
    this.#isInterrupted = true;
    this.#deadline.stop();
    this.#worker.tell({ kind: "abort", chunk: chunk.id, reason: encodeError(reason) });
    const { abortGrace } = this.#limits;
    if (abortGrace === 0) this.#worker.discard();
    else this.#grace.start(abortGrace, () => this.#worker.discard());
  }

  /** Has the tasks of a chunk that have not begun run elsewhere. */
  #retract(chunk: JobChunk): void {
    if (isBound(chunk)) return;
    const tail = this.#backlog.retract(chunk);
    if (chunk.failed && chunk.job.policy.stopOnError) chunk.job.skip(tail.size);
    else this.#worker.owner.requeue(tail);
  }

  /** The error of what the worker runs, if this is its end. */
  lossOf(death: Death): WorkerLostError {
    const { first } = this.#backlog;
    const isRunning = first !== undefined && this.#backlog.begun(first) > first.next;
    const task = isRunning ? first.job.fn.name : undefined;
    const what = task === undefined ? "run tasks" : `finish task '${task}'`;
    const { exitCode, cause } = death;
    const reason = cause !== undefined ? describe(cause) : `exit code ${exitCode ?? "unknown"}`;
    const { name: workerName } = this.#worker;
    const text = `Cannot ${what} as its worker ${workerName} died: ${reason}`;
    return new WorkerLostError(text, { ...death, task, workerName });
  }

  /** The worker is gone: what it had begun is lost, or runs again, and the rest runs elsewhere. */
  lose(error: WorkerLostError): void {
    const { first, isLoading, hasBegun } = this.#backlog;
    this.#hasBegunTasks ||= hasBegun;
    const diesLoading = isLoading && first !== undefined && this.#backlog.begun(first) === 0;
    this.#backlog.lose(error, (chunk) => this.#worker.owner.requeue(chunk));
    // If it is the module that kills workers, no other chunk would fare better.
    if (diesLoading && first.isHopeless) first.job.fail(error);
  }
}

/** Whether a chunk that is said to be over has tasks without an outcome that should have one. */
function leavesOut({ failed, job, left }: JobChunk): boolean {
  const mayStop = failed && job.policy.stopOnError;
  return left > 0 && !mayStop && !job.over;
}
