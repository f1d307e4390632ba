import { PoolStateError, PoolTerminatedError, QueueFullError } from "../../errors.ts";
import { keepStack } from "../error_stack.ts";
import { CallRuns } from "./apply_calls.ts";
import type { Resolvers } from "./collectors.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { KnownFunction } from "./functions.ts";
import type { Job, JobChunk, JobOwner, Outcome } from "./job.ts";
import type { PoolGround } from "./ground.ts";
import { PoolWorker, type WorkerOwner, type WorkerState } from "./pool_worker.ts";
import type { Death, PoolLimits } from "../ports.ts";
import { Roster, WarmUps } from "./roster.ts";

/** A result reaches whoever submits the next task through async functions, one microtask for each. */
const RETURN_MICROTASKS = 5;

/** Where a pool is in its life. */
export type PoolState = "running" | "closed" | "terminated" | "broken";

/**
 * Decides what happens to every job: it hears what callers want and what has
 * become of workers. It knows no thread. Who holds a task, from its call to its
 * outcome:
 *
 *     Job              its input, and what was taken back          submit, abort
 *      |  takes a chunk when a worker has room                     Dispatcher, JobQueue
 *      v
 *     Backlog          what one worker was sent and has not ended  PoolWorker, TaskWatch
 *      |  '- - - - ->  back to the job: stolen, or its worker is gone
 *      v
 *     Chunk            takes outcomes, each task's once
 *      v
 *     Job, Collector   all that was given is done, and the input has no more: the call settles
 */
export class Scheduler implements JobOwner, WorkerOwner {
  /** Tasks by outcome, since the pool was made. */
  readonly outcomes: Record<Outcome, number> = { completed: 0, failed: 0, lost: 0 };
  /** The workers. */
  readonly roster: Roster;
  readonly #limits: PoolLimits;
  readonly #dispatcher: Dispatcher;
  readonly #jobs = new Set<Job>();
  readonly #warmUps: WarmUps;
  /** Those of which only their inputs know whether they are over. */
  readonly #unsure = new Set<Job>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #runs = new CallRuns((job) => this.#start(job));
  #state: PoolState = "running";
  /** Makes the error of a broken pool, anew for each job, as each has a stack of its own. */
  #breakage: (() => Error) | undefined;
  #dispatching = false;
  /** Whether it is to be dispatched even if nothing is submitted. */
  #dispatchesLater = false;
  /** Tasks within the pool that have no outcome. */
  #held = 0;

  /** @param ground What the pool stands on. */
  constructor(ground: PoolGround) {
    const limits = this.#limits = ground.limits;
    this.#warmUps = new WarmUps(limits);
    this.roster = new Roster(limits, (place) => new PoolWorker(place, this, ground));
    const onAlarm = () => this.#dispatch(false);
    this.#dispatcher = new Dispatcher(this.roster.workers, limits, ground.time, onAlarm);
    this.roster.startUpTo(0);
    this.#keepAlive();
  }

  /** Where the pool is in its life. */
  get state(): PoolState {
    return this.#state;
  }

  /** Resolves when no worker is left of a pool that is no longer running. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Tasks that wait within the pool. */
  get queued(): number {
    let queued = this.#held;
    for (const { backlog: { first } } of this.roster.workers) {
      if (first !== undefined && first.left > 0 && !first.job.over) queued--;
    }
    return queued;
  }

  // What callers want

  /** Takes on a job. */
  submit(job: Job): void {
    this.#runs.end();
    this.#start(job);
  }

  /** Takes on one call, as part of the run of equal calls that it continues, if it does. */
  submitCall(fn: KnownFunction, args: readonly unknown[], resolvers: Resolvers<unknown>): void {
    this.#runs.add(fn, args, resolvers);
  }

  /** @throws {QueueFullError} If no further call may wait. */
  checkQueue(): void {
    const { maxQueue, workers } = this.#limits;
    if (maxQueue === Infinity) return;
    const waiting = this.queued - Math.max(0, workers - this.roster.busy);
    if (waiting < maxQueue) return;
    throw new QueueFullError(`Cannot queue the task as 'maxQueue' is reached: ${maxQueue}`);
  }

  /** Takes on a job of which each worker gets one task. */
  broadcast(job: Job): void {
    if (!this.#admit(job)) return;
    this.roster.startUpTo(this.#limits.workers);
    this.#dispatcher.broadcasts.begin(job, this.roster.counted);
    this.#dispatchSoon();
  }

  /**
   * Resolves when all workers are up, or have been since: some may be on their
   * way out again. Until then `holder` is not forgotten.
   */
  warmUp(holder?: object): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state !== "running") return reject(this.#breakage?.() ?? this.#notRunning());
      this.#warmUps.add({ resolve, reject, holder }, this.roster.workers);
      this.#dispatchSoon();
    });
  }

  /** Ends a job: what waits is dropped, what runs is told to end. */
  abort(job: Job, reason: unknown): void {
    if (job.over) return;
    keepStack(reason);
    job.abort(reason);
    for (const worker of this.roster.workers) worker.interruptIfAborted();
  }

  /** Takes no new jobs; what is queued still runs. */
  close(): void {
    if (this.#state !== "running") return;
    this.#state = "closed";
    this.#warmUps.reject(() => this.#notRunning());
    this.#endIfDone();
  }

  /** Stops now. */
  terminate(): void {
    if (this.#state === "terminated") return;
    this.#state = "terminated";
    this.#endAll(() =>
      new PoolTerminatedError("Cannot finish the task as its pool was terminated")
    );
  }

  // What a job says

  wake(job: Job): void {
    this.#dispatcher.enqueue(job);
    this.#dispatchSoon();
  }

  unsure(job: Job): void {
    this.#unsure.add(job);
    this.#dispatchLater();
  }

  over(job: Job): void {
    this.#unsure.delete(job);
    if (!this.#jobs.delete(job)) return;
    this.#dispatcher.forget(job);
    this.#dispatchSoon();
    this.#endIfDone();
  }

  settled(outcome: Outcome, tasks: number): void {
    this.outcomes[outcome] += tasks;
  }

  held(tasks: number): void {
    this.#held += tasks;
  }

  // What becomes of workers

  started(worker: PoolWorker): void {
    this.roster.started(worker);
    this.#warmUps.started(worker);
    this.#dispatcher.broadcasts.giveTo(worker);
    this.#dispatchSoon();
  }

  progressed(): void {
    this.#dispatcher.setAlarm();
  }

  free(worker: PoolWorker): void {
    this.roster.stopIfDone(worker);
    this.#endIfDone();
    // At once, not at the end of the tick: a worker waits, if for anything that is there.
    if (this.#jobs.size > this.#unsure.size) this.#dispatch();
    else this.#dispatchLater();
  }

  rested(worker: PoolWorker): boolean {
    if (!this.roster.canSpare(worker) || this.#dispatcher.broadcasts.owes(worker)) return false;
    if (this.#warmUps.size > 0) return true;
    worker.stop();
    this.#keepAlive();
    return false;
  }

  requeue(chunk: JobChunk): void {
    this.#dispatcher.requeue(chunk);
    this.#dispatchSoon();
  }

  unread(worker: PoolWorker, chunks: readonly JobChunk[]): void {
    this.#dispatcher.sendAgain(worker, chunks);
    this.#dispatchSoon();
  }

  departed(worker: PoolWorker, from: WorkerState, death: Death): void {
    this.#dispatcher.broadcasts.gone(worker);
    this.roster.departed(worker, from, death);
    if (this.roster.hopeless) this.broken(() => this.roster.newStartError(worker, death));
    const isLost = from === "ready" || from === "leaving";
    if (isLost && this.#state === "running") this.roster.replaceDead();
    this.#dispatchSoon();
    this.#endIfDone();
  }

  broken(newError: () => Error): void {
    if (this.#state === "terminated" || this.#state === "broken") return;
    this.#state = "broken";
    this.#breakage = newError;
    this.#endAll(newError);
  }

  #start(job: Job): void {
    if (this.#admit(job)) this.wake(job);
  }

  /** Takes on a job; tells whether there is anything to do. */
  #admit(job: Job): boolean {
    if (this.#state === "broken") job.fail(this.#breakage?.());
    else this.#jobs.add(job);
    if (!job.over) job.attach(this);
    return !job.over;
  }

  /** Submissions of one tick share messages: they are given out when the tick is over. */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    Promise.resolve().then(() => {
      this.#dispatching = false;
      this.#dispatch();
    });
  }

  /** Unless something is submitted until the last result has come to its caller, and on from there. */
  async #dispatchLater(): Promise<void> {
    if (this.#dispatchesLater) return;
    this.#dispatchesLater = true;
    for (let passed = 0; passed < RETURN_MICROTASKS; passed++) await undefined;
    if (this.#dispatchesLater) this.#dispatch();
  }

  #dispatch(hasNews = true): void {
    this.#dispatchesLater = false;
    if (this.#state === "terminated" || this.#state === "broken") return;
    this.#placeBroadcasts();
    this.#dispatcher.dispatch(hasNews);
    this.#probe();
    for (const worker of this.roster.workers) this.#replaceIfSpent(worker);
    const { workers } = this.#limits;
    const isAwaited = this.#warmUps.size > 0 || this.#dispatcher.broadcasts.hasUnplaced;
    if (this.#jobs.size > 0 || isAwaited || this.#state === "running") {
      this.roster.startUpTo(isAwaited ? workers : this.#dispatcher.demand);
    }
    this.#warmUps.resolve();
    this.#keepAlive();
    this.#dispatcher.setAlarm();
  }

  /** A job must not wait for room at a worker only to find that it has nothing to bring there. */
  #probe(): void {
    if (this.#unsure.size === 0) return;
    // To probe is to run the caller's code, which may make others unsure.
    const jobs = [...this.#unsure];
    this.#unsure.clear();
    for (const job of jobs) job.probe();
  }

  /** Tasks of a broadcast wait for a new worker; if none is to come, one that is up takes them. */
  #placeBroadcasts(): void {
    if (
      !this.#dispatcher.broadcasts.hasUnplaced || this.roster.starting > 0 ||
      this.roster.size < this.#limits.workers
    ) return;
    const newestFirst = [...this.roster.workers].filter(({ state }) => state === "ready").reverse();
    for (const worker of newestFirst) this.#dispatcher.broadcasts.giveTo(worker);
  }

  #replaceIfSpent(worker: PoolWorker): void {
    if (worker.state !== "ready" || worker.backlog.budget > 0) return;
    const { broadcasts, demand } = this.#dispatcher;
    broadcasts.gone(worker);
    const isNeeded = demand > 0 || broadcasts.hasUnplaced;
    if (this.#state === "running" || isNeeded) this.roster.startSuccessor(worker);
    else if (worker.isIdle) worker.stop();
    else worker.retire();
  }

  /** An idle pool must not keep the process alive, a busy one must. */
  #keepAlive(): void {
    const isEnding = this.#state !== "running" && this.#jobs.size === 0;
    for (const worker of this.roster.workers) {
      const isBusy = !worker.isIdle || this.#dispatcher.broadcasts.owes(worker);
      const isAwaited = worker.state === "starting" && this.#isAwaited;
      worker.hold(isEnding || isBusy || isAwaited);
    }
  }

  /** Whether calls wait for a worker that is not up yet. */
  get #isAwaited(): boolean {
    return this.#warmUps.size > 0 || this.#dispatcher.broadcasts.hasUnplaced ||
      this.#dispatcher.demand > 0;
  }

  #endAll(newError: () => Error): void {
    this.#warmUps.reject(newError);
    // At once, not job by job: there may be thousands.
    for (const job of [...this.#jobs]) job.fail(newError());
    for (const worker of this.roster.workers) if (!worker.isIdle) worker.kill();
    this.#endIfDone();
  }

  /** Lets the workers of a pool go that will not be given anything more. */
  #endIfDone(): void {
    if (this.#state === "running" || this.#jobs.size > 0) return;
    this.roster.close();
    for (const worker of this.roster.workers) if (worker.isIdle) worker.stop();
    this.#keepAlive();
    if (this.roster.workers.size > 0) return;
    this.#dispatcher.stop();
    this.#ended.resolve();
  }

  #notRunning(): PoolStateError {
    return new PoolStateError(
      `Cannot wait for the workers as the pool is not running: ${this.#state}`,
    );
  }
}
