import {
  InitializerError,
  PoolStateError,
  PoolTerminatedError,
  QueueFullError,
  TimeoutError,
  WorkerLostError,
} from "../../errors.ts";
import { ApplyCalls } from "./apply_calls.ts";
import type { Resolvers } from "./collectors.ts";
import type { Death, WorkerControl } from "./worker_control.ts";
import { Dispatcher, type DispatcherLimits } from "./dispatcher.ts";
import { keepStack } from "../error_stack.ts";
import { decodeError, describe, type ErrorRecord } from "../wire/error_codec.ts";
import type { KnownFunction } from "./functions.ts";
import {
  isHandedOver,
  Job,
  type JobChunk,
  type JobOwner,
  type Outcome,
  PLAIN_POLICY,
} from "./job.ts";
import { type FromWorker, type ResultsMessage, unreachable } from "../wire/protocol.ts";
import { unpack, type Values } from "../wire/packing.ts";
import { Roster, type RosterLimits, WarmUps } from "./roster.ts";
import { lossOf, Salvage } from "./salvage.ts";
import type { Slot } from "./slot.ts";
import type { Time, Timer } from "../timer.ts";

/**
 * How long tasks may lie at a worker, or their values be kept back there, until
 * it is looked at whether others could run them, in ms.
 */
const ALARM_MS = 3;

/** Where a pool is in its life. */
export type PoolState = "running" | "closed" | "terminated" | "broken";

/** What a scheduler is bound to. */
export interface SchedulerLimits extends RosterLimits, DispatcherLimits {
  /** Most calls that may wait for a worker. */
  readonly maxQueue: number;
}

/**
 * Decides what happens to every job: it hears what callers want and what
 * workers say, and tells workers what to do. It knows no thread.
 */
export class Scheduler implements JobOwner {
  /** Tasks by outcome, since the pool was made. */
  readonly outcomes: Record<Outcome, number> = { completed: 0, failed: 0, lost: 0 };
  /** The workers. */
  readonly roster: Roster;
  readonly #limits: SchedulerLimits;
  readonly #dispatcher: Dispatcher;
  readonly #jobs = new Set<Job>();
  readonly #warmUps: WarmUps;
  /** Those of which only their inputs know whether they are over. */
  readonly #unsure = new Set<Job>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #salvage: Salvage;
  #run: { readonly job: Job; readonly calls: ApplyCalls } | undefined;
  #state: PoolState = "running";
  /** Makes what every job of a broken pool gets: each its own, with its own stack. */
  #breakage: (() => Error) | undefined;
  #dispatching = false;
  /** Tasks within the pool that have no outcome. */
  #held = 0;
  #rests = 0;
  /** Rings while tasks wait behind others: no message would tell of that. */
  readonly #alarm: Timer;

  /**
   * @param limits What it is bound to.
   * @param hire Gives a new worker its thread, which tells this scheduler what happens.
   * @param time The clock.
   */
  constructor(
    limits: SchedulerLimits,
    hire: (slot: Slot, scheduler: Scheduler) => WorkerControl,
    time: Time,
  ) {
    this.#limits = limits;
    this.#alarm = time.newTimer();
    this.#warmUps = new WarmUps(limits.workers);
    this.roster = new Roster(limits, (slot) => hire(slot, this));
    this.#dispatcher = new Dispatcher(this.roster.slots, limits, time);
    this.#salvage = new Salvage(this.#dispatcher);
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
    for (const { chunks: [chunk] } of this.roster.slots) {
      if (chunk !== undefined && chunk.left > 0 && !chunk.job.over) queued--;
    }
    return queued;
  }

  // What callers want

  /** Takes on a job. */
  submit(job: Job): void {
    this.#run = undefined;
    this.#admit(job);
  }

  /** Takes on one call, as part of the run of equal calls that it continues, if it does. */
  submitCall(fn: KnownFunction, args: readonly unknown[], resolvers: Resolvers<unknown>): void {
    if (this.#run?.job.fn !== fn || !this.#run.calls.open) {
      const calls = new ApplyCalls();
      calls.add(args, resolvers);
      this.#run = { calls, job: new Job(fn, PLAIN_POLICY, calls, calls) };
      this.#admit(this.#run.job);
    } else {
      this.#run.calls.add(args, resolvers);
      this.#run.job.grow();
    }
  }

  /** @throws {QueueFullError} If no further call may wait. */
  checkQueue(): void {
    const { maxQueue, workers } = this.#limits;
    if (maxQueue === Infinity) return;
    let busy = 0;
    for (const slot of this.roster.slots) if (!slot.idle) busy++;
    const waiting = this.queued - Math.max(0, workers - busy);
    if (waiting < maxQueue) return;
    throw new QueueFullError(`Cannot queue the task as 'maxQueue' is reached: ${maxQueue}`);
  }

  /** Takes on a job of which each worker gets one task. */
  broadcast(job: Job): void {
    if (this.#fails(job)) return;
    this.#jobs.add(job);
    job.attach(this);
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
      this.#warmUps.add({ resolve, reject, holder }, this.roster.slots);
      this.#dispatchSoon();
    });
  }

  /** Ends a job: what waits is dropped, what runs is told to end. */
  abort(job: Job, reason: unknown): void {
    if (job.over) return;
    keepStack(reason);
    job.abort(reason);
    for (const slot of this.roster.slots) this.#interruptIfAborted(slot);
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

  /** The job may have tasks to give again. */
  wake(job: Job): void {
    this.#dispatcher.enqueue(job);
    this.#dispatchSoon();
  }

  /** All that the job gave is done: it is to be probed, once workers with room had their turn. */
  unsure(job: Job): void {
    this.#unsure.add(job);
    this.#dispatchSoon();
  }

  /** The job needs nothing more. */
  over(job: Job): void {
    this.#unsure.delete(job);
    if (!this.#jobs.delete(job)) return;
    this.#dispatcher.forget(job);
    this.#dispatchSoon();
    this.#endIfDone();
  }

  /** So many tasks of a job have an outcome, or never will. */
  settled(outcome: Outcome, tasks: number): void {
    this.outcomes[outcome] += tasks;
  }

  /** The pool holds so many tasks more of a job, or fewer. */
  held(tasks: number): void {
    this.#held += tasks;
  }

  // What workers say

  /** A worker is up, and initialized. */
  started(slot: Slot): void {
    if (slot.status !== "starting") return;
    this.roster.started(slot);
    this.#warmUps.started(slot);
    this.#dispatcher.broadcasts.giveTo(slot);
    if (slot.predecessor?.idle) this.roster.stop(slot.predecessor);
    this.#rest(slot);
    this.#dispatchSoon();
  }

  /** The initializer failed in a worker. */
  initFailed(slot: Slot, cause: unknown): void {
    if (slot.status !== "starting") return;
    const text = `Cannot run tasks as the pool's initializer failed: ${describe(cause)}`;
    this.#break(() => new InitializerError(text, { cause }));
  }

  /** A worker sent a message. */
  receive(slot: Slot, message: FromWorker): void {
    const [chunk] = slot.chunks;
    if (message.kind === "results") slot.hear();
    switch (message.kind) {
      case "ready":
        return this.started(slot);
      case "initializing":
        if (slot.status !== "starting") return;
        slot.initializing = true;
        return slot.worker.watchInitializer();
      case "initFailed":
        return this.initFailed(slot, decodeError(message.error));
    }
    // What a worker says of a chunk that it should not have is not taken from it.
    if (chunk !== undefined && chunk.id === message.chunk) this.#hear(slot, chunk, message);
  }

  #hear(slot: Slot, chunk: JobChunk, message: OfChunk): void {
    switch (message.kind) {
      case "loading":
        slot.loading = true;
        return slot.worker.watchLoad();
      case "loadFailed":
        return this.#loadFailed(slot, chunk, message.error);
      case "began":
        this.#began(slot, chunk);
        return this.#setAlarm();
      case "ending":
        chunk.isTold = true;
        return;
      case "results":
        return this.#results(slot, chunk, message);
      case "report":
        // A task that is over has nothing to say any more.
        if (message.position < chunk.next || message.position >= chunk.size) return;
        return chunk.job.report(chunk, message.position, message.value);
      default:
        return unreachable(message);
    }
  }

  /** The running task of a worker used up its time. */
  timedOut(slot: Slot): void {
    const [chunk] = slot.chunks;
    if (chunk === undefined || slot.interrupted) return;
    const runs = slot.freeze(chunk, chunk.next + 1);
    // Else its result is on the way, but will not be for ever: the worker may let nothing out.
    if (!runs && slot.mayBeLate(chunk)) return this.#began(slot, chunk);
    const { fn, policy } = chunk.job;
    const text = `Cannot wait longer for task '${fn.name}' as its timeout is over`;
    const error = new TimeoutError(`${text}: ${policy.timeout} ms`);
    chunk.reject(chunk.next, error);
    if (runs) this.#interrupt(slot, error);
    else this.#discard(slot);
    // It may be the last: its grace is not the caller's to wait for.
    chunk.job.advance();
  }

  /** A worker's import of a task module used up its time. */
  loadTimedOut(slot: Slot, limit: number): void {
    const [chunk] = slot.chunks;
    if (chunk === undefined || !slot.loading) return;
    // The message that it has loaded is on the way, also if nothing was left of that chunk.
    if (slot.hasBegun) return this.#began(slot, chunk);
    const text = `Cannot run task '${chunk.job.fn.name}' as its module did not load in time`;
    chunk.job.fail(new TimeoutError(`${text}: ${limit} ms`));
    this.#discard(slot);
  }

  /** The grace of an interrupted task is over. */
  graceOver(slot: Slot): void {
    if (slot.interrupted) this.#discard(slot);
  }

  /** A worker had nothing to do for long enough. */
  restedLong(slot: Slot): void {
    if (!this.roster.canSpare(slot) || this.#dispatcher.broadcasts.owes(slot)) return;
    if (this.#warmUps.size > 0) return slot.worker.rest();
    this.roster.stop(slot);
    this.#keepAlive();
  }

  /** A worker died unasked. */
  lost(slot: Slot, death: Death): void {
    if (death.isAbandoned) this.roster.abandoned++;
    if (slot.status === "starting") return this.#startFailed(slot, death);
    const error = lossOf(slot, death);
    const [first] = slot.chunks;
    slot.hasBegunTasks ||= slot.hasBegun;
    const isLoading = slot.loading && first !== undefined && slot.begun(first) === 0;
    this.roster.died(slot);
    this.#salvage.salvage(slot, error);
    // If it is the module that kills them, no other chunk would fare better.
    if (isLoading && first.isHopeless) first.job.fail(error);
    if (this.#state === "running") this.roster.replaceDead();
    this.#workerGone();
  }

  /** A worker ended, as it was asked to. */
  left(slot: Slot): void {
    this.roster.remove(slot);
    this.#workerGone();
  }

  /** A worker does not end, whatever one does. */
  abandoned(slot: Slot): void {
    this.roster.abandoned++;
    this.roster.remove(slot);
    this.#workerGone();
  }

  #admit(job: Job): void {
    if (this.#fails(job)) return;
    this.#jobs.add(job);
    job.attach(this);
    if (!job.over) this.wake(job);
  }

  #fails(job: Job): boolean {
    if (this.#state !== "broken") return false;
    job.fail(this.#breakage?.());
    return true;
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

  #dispatch(isPrompted = true): void {
    if (this.#state === "terminated" || this.#state === "broken") return;
    this.#placeBroadcasts();
    this.#dispatcher.dispatch(isPrompted);
    this.#probe();
    for (const slot of this.roster.slots) this.#replaceIfSpent(slot);
    const { workers } = this.#limits;
    const isAwaited = this.#warmUps.size > 0 || this.#dispatcher.broadcasts.hasUnplaced;
    if (this.#jobs.size > 0 || isAwaited || this.#state === "running") {
      this.roster.startUpTo(isAwaited ? workers : this.#dispatcher.demand);
    }
    this.#warmUps.resolve();
    this.#keepAlive();
    this.#setAlarm();
  }

  /** What waits for a turn of the event loop holds the process, what waits behind a task does not. */
  #setAlarm(): void {
    const { isRefusing } = this.#dispatcher;
    if (isRefusing) this.#alarm.hold();
    else if (this.#alarm.isRunning || !this.#needsAlarm()) return;
    else this.#alarm.release();
    this.#alarm.start(isRefusing ? 0 : ALARM_MS, () => this.#ring());
  }

  #needsAlarm(): boolean {
    for (const slot of this.roster.slots) if (slot.keepsBack) return true;
    return this.#isHelpNear() && this.#dispatcher.hasSpare;
  }

  /** Whether a worker has nothing to do, or could be started. */
  #isHelpNear(): boolean {
    if (this.roster.size < this.#limits.workers) return true;
    for (const slot of this.roster.slots) if (slot.open && slot.idle) return true;
    return false;
  }

  #ring(): void {
    for (const slot of this.roster.slots) this.#takeKept(slot);
    this.#dispatcher.age();
    this.#dispatch(false);
  }

  /** Takes the values that a worker cannot send, as the next task has its thread. */
  #takeKept(slot: Slot): void {
    const [chunk] = slot.chunks;
    const values = slot.look();
    if (chunk === undefined || values.length === 0) return;
    chunk.fulfil(values);
    chunk.job.advance();
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
    const newestFirst = [...this.roster.slots].filter(({ status }) => status === "ready").reverse();
    for (const slot of newestFirst) this.#dispatcher.broadcasts.giveTo(slot);
  }

  #replaceIfSpent(slot: Slot): void {
    if (slot.status !== "ready" || slot.budget > 0) return;
    this.#dispatcher.broadcasts.gone(slot);
    const isNeeded = this.#dispatcher.demand > 0 || this.#dispatcher.broadcasts.hasUnplaced;
    if (this.#state === "running" || isNeeded) this.roster.startSuccessor(slot);
    else if (slot.idle) this.roster.stop(slot);
    else slot.status = "leaving";
  }

  /** An idle pool must not keep the process alive, a busy one must. */
  #keepAlive(): void {
    const isEnding = this.#state !== "running" && this.#jobs.size === 0;
    for (const slot of this.roster.slots) {
      const hold = isEnding || !slot.idle || this.#dispatcher.broadcasts.owes(slot) ||
        (slot.status === "starting" && this.#isAwaited);
      if (hold === slot.held) continue;
      slot.held = hold;
      if (hold) slot.worker.hold();
      else slot.worker.release();
    }
  }

  /** Whether calls wait for a worker that is not up yet. */
  get #isAwaited(): boolean {
    return this.#warmUps.size > 0 || this.#dispatcher.broadcasts.hasUnplaced ||
      this.#dispatcher.demand > 0;
  }

  #began(slot: Slot, chunk: JobChunk): void {
    const wasLoading = slot.loading;
    slot.loading = false;
    // Its grace has a clock of its own, which goes on.
    if (slot.interrupted) return;
    const { timeout } = chunk.job.policy;
    if (timeout !== undefined) slot.worker.watch(timeout);
    else if (wasLoading) slot.worker.unwatch();
  }

  #results(slot: Slot, chunk: JobChunk, message: ResultsMessage): void {
    // Its results come in order and without gaps: a task that is left out would wait for ever.
    if (chunk.left > 0 && message.from > chunk.next) return slot.worker.endForBadMessage(message);
    slot.loading = false;
    slot.hasBegunTasks = true;
    const values = unpack(message.values);
    this.#settle(chunk, message, values);
    if (values.length > 0) chunk.job.fn.measure(values.length, message.elapsed);
    if (leavesOut(chunk, message.ended)) return slot.worker.endForBadMessage(message);
    if (message.ended) return this.#chunkEnded(slot, chunk);
    if (!chunk.job.isAtWork) chunk.job.advance();
    if (!slot.interrupted) this.#began(slot, chunk);
    this.#setAlarm();
  }

  #settle(chunk: JobChunk, { from, errors }: ResultsMessage, values: Values): void {
    const fulfilUpTo = (position: number) => {
      const end = Math.min(position, chunk.size);
      if (end <= chunk.next) return;
      const isAll = chunk.next === from && end === from + values.length;
      chunk.fulfil(isAll ? values : values.slice(chunk.next - from, end - from));
    };
    for (const [position, record] of errors) {
      fulfilUpTo(position);
      // An interrupted task may still answer; it has its outcome already.
      if (position !== chunk.next || position >= chunk.size) continue;
      chunk.reject(position, decodeError(record));
    }
    fulfilUpTo(from + values.length);
  }

  #chunkEnded(slot: Slot, chunk: JobChunk): void {
    slot.end();
    slot.interrupted = false;
    slot.worker.unwatch();
    chunk.job.skip(chunk.left);
    chunk.job.advance();
    this.#interruptIfAborted(slot);
    if (slot.idle) this.#rest(slot);
    this.#endIfDone();
    // At once, not at the end of the tick: a worker waits.
    this.#dispatch();
  }

  #rest(slot: Slot): void {
    slot.idleSince = ++this.#rests;
    if (slot.status === "ready") return slot.worker.rest();
    const isNeeded = [...this.roster.slots].some((other) =>
      other.predecessor === slot && other.status === "starting"
    );
    if (!isNeeded) this.roster.stop(slot);
  }

  #loadFailed(slot: Slot, chunk: JobChunk, record: ErrorRecord): void {
    slot.loading = false;
    chunk.job.fail(decodeError(record));
    this.#chunkEnded(slot, chunk);
  }

  /** Tells a worker to end the task that it runs, if that one's job was aborted. */
  #interruptIfAborted(slot: Slot): void {
    const [chunk] = slot.chunks;
    const abortion = chunk?.job.abortion;
    if (chunk === undefined || abortion === undefined) return;
    // Without claims nothing keeps a worker from what it was sent.
    const isRunning = slot.begun(chunk) > chunk.next || slot.claims === undefined;
    if (isRunning) this.#interrupt(slot, abortion.reason);
  }

  #interrupt(slot: Slot, reason: unknown): void {
    const [chunk, ...others] = slot.chunks;
    if (chunk === undefined || slot.interrupted) return;
    // The last first, as each goes before all others.
    for (const other of others.reverse()) this.#takeBack(slot, other);
    this.#takeBack(slot, chunk);
    // The worker is at the next task already; that this one has ended is on the way.
    if (others.some((other) => slot.begun(other) > 0)) return this.#dispatchSoon();
    slot.interrupted = true;
    slot.worker.interrupt(chunk, reason);
    this.#dispatchSoon();
  }

  #takeBack(slot: Slot, chunk: JobChunk): void {
    const { job, failed } = chunk;
    if (isHandedOver(chunk) || job.policy.pinned) return;
    const tail = slot.takeBack(chunk);
    if (failed && job.policy.stopOnError) job.skip(tail.size);
    else this.#dispatcher.requeue(tail);
  }

  /** Ends a worker that cannot be used any more, and starts another. */
  #discard(slot: Slot): void {
    this.#salvage.salvage(slot, lossOf(slot, {}));
    this.roster.kill(slot);
    if (this.#state === "running") this.roster.replaceDead();
    this.#dispatchSoon();
    this.#endIfDone();
  }

  #startFailed(slot: Slot, death: Death): void {
    this.roster.startFailed(slot);
    if (slot.initializing) this.initFailed(slot, lossOf(slot, death));
    this.#dispatcher.broadcasts.gone(slot);
    if (slot.predecessor?.idle) this.roster.stop(slot.predecessor);
    if (this.roster.hopeless && this.#state !== "terminated") {
      const { cause = new Error("the worker ended") } = death;
      const text = `Cannot run tasks as workers failed to start, again and again: ${
        describe(cause)
      }`;
      this.#break(() => new WorkerLostError(text, { ...death, cause, workerName: slot.name }));
    }
    this.#workerGone();
  }

  #workerGone(): void {
    this.#dispatchSoon();
    this.#endIfDone();
  }

  #break(newError: () => Error): void {
    if (this.#state === "terminated" || this.#state === "broken") return;
    this.#state = "broken";
    this.#breakage = newError;
    this.#endAll(newError);
  }

  #endAll(newError: () => Error): void {
    this.#warmUps.reject(newError);
    // At once, not job by job: there may be thousands.
    for (const job of [...this.#jobs]) job.fail(newError());
    for (const slot of this.roster.slots) {
      if (!slot.idle) this.roster.kill(slot);
      slot.chunks.length = 0;
    }
    this.#endIfDone();
  }

  /** Lets the workers of a pool go that will not be given anything more. */
  #endIfDone(): void {
    if (this.#state === "running" || this.#jobs.size > 0) return;
    this.roster.close();
    for (const slot of this.roster.slots) if (slot.idle) this.roster.stop(slot);
    this.#keepAlive();
    if (this.roster.slots.size > 0) return;
    this.#alarm.stop();
    this.#ended.resolve();
  }

  #notRunning(): PoolStateError {
    return new PoolStateError(
      `Cannot wait for the workers as the pool is not running: ${this.#state}`,
    );
  }
}

/** What a worker says of a chunk. */
type OfChunk = Extract<FromWorker, { readonly chunk: number }>;

/** Whether a chunk is said to be over though some of its tasks have no outcome, and should have. */
function leavesOut(chunk: JobChunk, ended: boolean): boolean {
  const mayStop = chunk.failed && chunk.job.policy.stopOnError;
  return ended && chunk.left > 0 && !mayStop && !chunk.job.over;
}
