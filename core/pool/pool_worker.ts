import { InitializerError, TimeoutError } from "../../errors.ts";
import { Backlog } from "./backlog.ts";
import { SharedClaims, ToldClaims } from "./chunk.ts";
import { Demise } from "./demise.ts";
import type { JobChunk } from "./job.ts";
import { initMessage, type PoolGround } from "./ground.ts";
import { Idleness, type Idler } from "./idleness.ts";
import type { Death, Remedy, Thread, ThreadListener, Timer } from "../ports.ts";
import { TaskWatch, type WatchedWorker } from "./task_watch.ts";
import { newUnreadError } from "./parcels.ts";
import { decodeError, describe } from "../wire/error_codec.ts";
import { type FromWorker, isFromWorker, kindOf, type ToWorker } from "../wire/protocol.ts";
import { SHARED_BYTES } from "../wire/shared_memory.ts";

/**
 * Where a worker is in its life.
 *
 *     state     gets tasks   counts   what it does, and what comes next
 *     starting  no           yes      comes up: ready; or ends: gone
 *     ready     yes, but     yes      runs tasks; has run its number: leaving; dies: gone
 *     leaving   no           no       runs its last tasks; idle and replaced: stopping; dies: gone
 *     stopping  no           no       has lost its tasks, and its thread is to end: gone
 *     gone      no           no       its thread has ended, or has been given up
 *
 * All but the last two may be told to stop. A worker that is ready gets no
 * tasks while one of its own was told to end and has not, and while the worker
 * that it replaces runs its last.
 */
export type WorkerState = "starting" | "ready" | "leaving" | "stopping" | "gone";

/** Who has workers. */
export interface WorkerOwner {
  /** A worker is up, and initialized. */
  started(worker: PoolWorker): void;
  /** A worker goes on, and may keep back what is wanted. */
  progressed(): void;
  /** A worker has ended a chunk. */
  free(worker: PoolWorker): void;
  /** A worker had nothing to do for long enough; tells whether it stays all the same. */
  rested(worker: PoolWorker): boolean;
  /** Tasks that a worker was sent are to run elsewhere. */
  requeue(chunk: JobChunk): void;
  /** A worker could not read what it was sent. */
  unread(worker: PoolWorker, chunks: readonly JobChunk[]): void;
  /** A worker, in one of its states, has ended or is about to; what it held is settled, or requeued. */
  departed(worker: PoolWorker, from: WorkerState, death: Death): void;
  /** What a worker could not do, none can. */
  broken(newError: () => Error): void;
}

/** Which of the workers one is. */
export interface WorkerPlace {
  readonly name: string;
  /** Its number among those that may be given tasks: from 0, below the most workers at a time. */
  readonly index: number;
  /** The worker that it replaces, which works on until this one is ready. */
  readonly predecessor: PoolWorker | undefined;
}

/** One worker: its state, what it holds, what it is told and what it says. */
export class PoolWorker implements ThreadListener, WatchedWorker, Idler {
  readonly name: string;
  /** Its number among those that may be given tasks. */
  readonly index: number;
  readonly owner: WorkerOwner;
  /** What it was sent, and has not ended. */
  readonly backlog: Backlog;
  readonly #ground: PoolGround;
  readonly #thread: Thread<ToWorker>;
  readonly #memory: SharedArrayBuffer | undefined;
  readonly #watch: TaskWatch;
  /** Waits until it is up, and later for the end of its idleness. */
  readonly #timer: Timer;
  readonly #idleness: Idleness;
  /** Messages that it was sent. */
  #told = 0;
  /** What stands for the next message from it, if that cannot be read. */
  #instead: FromWorker | undefined;
  #state: WorkerState = "starting";
  #predecessor: PoolWorker | undefined;
  /** Whether it was told to import a module while it starts, and has not said so yet. */
  #mayImport = false;
  /** What it says that it does while it starts. */
  #startingWith: "import" | "initializer" | undefined;
  /** Whether it broke the protocol: what it sends from then on is not heard. */
  #brokeProtocol = false;
  /** What it dies of. */
  readonly #demise = new Demise();

  constructor(place: WorkerPlace, owner: WorkerOwner, ground: PoolGround) {
    this.name = place.name;
    this.index = place.index;
    this.#predecessor = place.predecessor;
    this.owner = owner;
    this.#ground = ground;
    const thread = this.#thread = ground.newThread(place.name, this);
    const memory = thread.sharesMemory ? new SharedArrayBuffer(SHARED_BYTES) : undefined;
    this.#memory = memory;
    this.backlog = new Backlog(
      ground.limits,
      (isAtWork) => memory === undefined ? new ToldClaims(isAtWork) : new SharedClaims(memory),
    );
    this.#watch = new TaskWatch(this.backlog, this, ground.limits, () => thread.newTimer());
    this.#timer = thread.newTimer();
    this.#idleness = new Idleness(this, ground.limits, ground.time, this.#timer);
  }

  /** Where it is in its life. */
  get state(): WorkerState {
    return this.#state;
  }

  /** The worker that it replaces, while there is one. */
  get predecessor(): PoolWorker | undefined {
    if (this.#predecessor?.state === "gone") this.#predecessor = undefined;
    return this.#predecessor;
  }

  /** Whether it is up or starting, and not about to leave. */
  get counts(): boolean {
    return this.#state === "starting" || this.#state === "ready";
  }

  /** Whether it may be given tasks. */
  get isOpen(): boolean {
    return this.#state === "ready" && this.backlog.budget > 0 && !this.isInterrupted &&
      (this.predecessor === undefined || this.predecessor.isIdle);
  }

  /** Whether it may be given tasks, and has none. */
  get isFree(): boolean {
    return this.isIdle && this.isOpen;
  }

  /** Whether it has nothing to do. */
  get isIdle(): boolean {
    return this.backlog.isEmpty;
  }

  /** When it last became idle. */
  get idleSince(): number {
    return this.#idleness.since;
  }

  /** Whether its task was told to end. */
  get isInterrupted(): boolean {
    return this.#watch.isInterrupted;
  }

  /** Whether it has ever begun a task. */
  get hasBegunTasks(): boolean {
    return this.#watch.hasBegunTasks;
  }

  // What it is told

  /** Starts its thread after `delay` ms. */
  start(delay: number): void {
    if (delay > 0) this.#timer.start(delay, () => this.#start());
    else this.#start();
  }

  /**
   * Sends it chunks of its backlog.
   *
   * @throws {DataCloneError} If something in them cannot be cloned.
   */
  send(chunks: readonly JobChunk[]): void {
    const transfer: Transferable[] = [];
    const wire = chunks.map((chunk) => this.backlog.wire(chunk, transfer));
    this.#thread.post({ kind: "run", chunks: wire }, transfer);
    for (const chunk of chunks) chunk.message = this.#told;
    this.#told++;
  }

  /** Makes it keep the process alive, or lets the process end. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#thread.hold();
    else this.#thread.release();
  }

  /** Tells it to end the task that it runs, if that one's job was aborted. */
  interruptIfAborted(): void {
    this.#watch.interruptIfAborted();
  }

  /** Gives it no more tasks: it is to leave when it has run its last. */
  retire(): void {
    this.#become("leaving");
  }

  /** Lets it end by itself, as it has nothing to do. */
  stop(): void {
    if (this.#state === "stopping" || this.#state === "gone") return;
    this.#become("stopping");
    this.#thread.stop();
  }

  /** Ends it, whatever it does, as the jobs of all its tasks are over. */
  kill(): void {
    if (this.#state === "gone") return;
    this.#become("stopping");
    this.backlog.clear();
    this.#thread.kill();
  }

  /** The one place where its state changes. */
  #become(state: WorkerState): void {
    this.#state = state;
    if (state === "ready" || state === "leaving") return;
    this.#timer.stop();
    this.#watch.stop();
  }

  // What its thread says

  message(data: unknown): void {
    if (this.#brokeProtocol || this.#state === "gone") return;
    this.#instead = undefined;
    if (!isFromWorker(data)) return this.endForBadMessage(data);
    switch (data.kind) {
      case "instead":
        this.#instead = data.message;
        return;
      case "unreadable":
        return this.#unread(data.message);
      case "importing":
        return this.#importing();
      case "importFailed":
        return this.#importFailed();
      case "initializing":
        return this.#initializing();
      case "initFailed":
        return this.#initFailed(decodeError(data.error));
      case "ready":
        return this.#ready();
      case "refused":
        return this.#demise.refused(decodeError(data.error));
      default:
        return this.#watch.hear(data);
    }
  }

  unreadable(): void {
    if (this.#instead === undefined) this.#fail(new TypeError("unreadable message"));
    else this.message(this.#instead);
  }

  failed(cause: unknown, remedy?: Remedy): void {
    this.#demise.failed(cause, remedy);
    this.#timer.stop();
    this.#watch.stop();
  }

  ended(exitCode: number | undefined): void {
    this.#depart({ exitCode });
  }

  abandoned(): void {
    this.#depart({ isAbandoned: true });
  }

  /** It could not read a message, by its number among all that it was sent. */
  #unread(message: number): void {
    const chunks = this.backlog.retractUnread(message);
    if (chunks.length > 0) this.owner.unread(this, chunks);
    // Its first message has the arguments of the initializer; others are to end what will be ended.
    else this.#initFailed(newUnreadError());
    if (this.isIdle) this.#idleness.begin(this.#state === "ready");
  }

  // Coming up

  #start(): void {
    this.#thread.start();
    // Its making is the caller's code, which may have failed, or ended the pool.
    if (this.#state !== "starting" || this.#demise.isUnderWay) return;
    this.#mayImport = this.#ground.startModule !== undefined;
    try {
      // Before the timer: a platform's first one takes longer than the worker's own way up.
      this.tell(initMessage(this.#ground, this.name, this.#memory));
    } catch (cause) {
      // Not at once: the roster is still at work on its list of workers.
      Promise.resolve().then(() => this.#initFailed(cause));
    }
    this.#failLater("it did not start in time", this.#thread.ifSilent);
  }

  #importing(): void {
    // Else one that says so again and again would never fail to start.
    if (this.#state !== "starting" || !this.#mayImport) return;
    this.#mayImport = false;
    this.#startingWith = "import";
    this.#failLater("its module did not load in time");
  }

  #failLater(reason: string, remedy?: Remedy): void {
    const { startTimeout } = this.#ground.limits;
    this.#timer.start(startTimeout, () => {
      const text = `Cannot use worker ${this.name} as ${reason}: ${startTimeout} ms`;
      this.#fail(new TimeoutError(text), remedy);
    });
  }

  /** Later workers start without it: who needs it meets its failure. */
  #importFailed(): void {
    this.#ground.startModule = undefined;
  }

  #initializing(): void {
    if (this.#state !== "starting") return;
    this.#startingWith = "initializer";
    const { initTimeout } = this.#ground.limits;
    this.#timer.start(initTimeout, () => {
      const text = "Cannot wait longer for the initializer as its time is over";
      this.#initFailed(new TimeoutError(`${text}: ${initTimeout} ms`));
    });
  }

  #initFailed(cause: unknown): void {
    if (this.#state !== "starting") return;
    this.#breakPool(cause);
  }

  #breakPool(cause: unknown): void {
    const text = `Cannot run tasks as the pool's initializer failed: ${describe(cause)}`;
    this.owner.broken(() => new InitializerError(text, { cause }));
  }

  #ready(): void {
    if (this.#state !== "starting") return;
    this.#timer.stop();
    this.#become("ready");
    this.#idleness.begin(true);
    this.owner.started(this);
  }

  /** It had nothing to do for long enough; tells whether it stays all the same. */
  rested(): boolean {
    return this.owner.rested(this);
  }

  // What is seen of its tasks

  tell(message: ToWorker): void {
    this.#thread.post(message, []);
    this.#told++;
  }

  chunkEnded(): void {
    if (this.isIdle) this.#idleness.begin(this.#state === "ready");
    this.owner.free(this);
  }

  discard(): void {
    const [from, error] = [this.#state, this.#watch.lossOf({})];
    this.#become("stopping");
    this.#watch.lose(error);
    this.#thread.kill();
    this.owner.departed(this, from, {});
  }

  endForBadMessage(message: unknown): void {
    this.#brokeProtocol = true;
    const text = `Cannot go on with worker ${this.name} as it sent a message that makes no sense`;
    this.#fail(new TypeError(`${text}: ${kindOf(message)}`));
  }

  // Its end

  #fail(cause: unknown, remedy?: Remedy): void {
    this.failed(cause, remedy);
    this.#thread.kill();
  }

  #depart(end: Death): void {
    const from = this.#state;
    if (from === "gone") return;
    const death = this.#demise.of(end);
    const error = this.#watch.lossOf(death);
    this.#become("gone");
    this.#watch.lose(error);
    const startedWith = from === "starting" ? this.#startingWith : undefined;
    const isImporting = startedWith === "import";
    if (isImporting) this.#importFailed();
    if (startedWith === "initializer") this.#breakPool(error);
    this.owner.departed(this, from, isImporting ? { ...death, isImporting } : death);
  }
}
