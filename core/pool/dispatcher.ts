import { type Backlog, isBound } from "./backlog.ts";
import type { Job, JobChunk } from "./job.ts";
import { Broadcasts, JobQueue } from "./job_queue.ts";
import { newUnreadError } from "./parcels.ts";
import type { PoolWorker } from "./pool_worker.ts";
import { Sender, type SendingOwner } from "./sender.ts";
import type { PoolLimits, Time, Timer } from "../ports.ts";

/**
 * How long tasks may lie at a worker, or their values be kept back there, until
 * it is looked at whether others could run them, in ms.
 */
const ALARM_MS = 3;

/** Rounds that take about as long as the start of a worker. */
const START_ROUNDS = 32;

/** Brings waiting tasks to workers with room. */
export class Dispatcher implements SendingOwner {
  /** The tasks that belong to one worker each. */
  readonly broadcasts: Broadcasts = new Broadcasts();
  readonly #workers: ReadonlySet<PoolWorker>;
  readonly #limits: PoolLimits;
  readonly #queue: JobQueue;
  /** No worker has anything to give back of a lower priority. */
  #lowest = Infinity;
  readonly #loads = new Map<PoolWorker, JobChunk[]>();
  readonly #time: Time;
  /** Rings while tasks wait behind others: no message would tell of that. */
  readonly #alarm: Timer;
  readonly #onAlarm: () => void;
  /** Rings of the alarm so far. */
  #round = 0;
  #hasNews = true;
  /** Whether there is room again, or something to give out. */
  #goesOn = false;
  /** Sends what is given out. */
  readonly #sender: Sender;

  /**
   * @param workers The workers, as they come and go.
   * @param limits How many they may be, and what they may be sent.
   * @param time The clock.
   * @param onAlarm Called when a round is over in which tasks waited behind others.
   */
  constructor(
    workers: ReadonlySet<PoolWorker>,
    limits: PoolLimits,
    time: Time,
    onAlarm: () => void,
  ) {
    this.#workers = workers;
    this.#limits = limits;
    this.#queue = new JobQueue(limits);
    this.#time = time;
    this.#alarm = time.newTimer();
    this.#onAlarm = onAlarm;
    this.#sender = new Sender(this, time);
  }

  /** How many workers could be used for what waits, in the queue or for long behind others. */
  get demand(): number {
    const { workers } = this.#limits;
    const demand = this.#queue.demand(workers);
    if (demand >= workers || this.#isStaffed("starting")) return demand;
    return Math.min(demand + this.#countOld(), workers);
  }

  #countOld(): number {
    let tasks = 0;
    for (const { backlog } of this.#workers) {
      for (const chunk of backlog.chunks) {
        // A thread that is only held up for a moment comes to its tasks before another one is there.
        const isHeldUp = chunk === backlog.first && backlog.begun(chunk) === 0;
        if (this.#isOld(chunk, isHeldUp ? START_ROUNDS : 0)) tasks += backlog.spareOf(chunk);
      }
    }
    return tasks;
  }

  /** Puts a job in the queue, before what lower ones have at the workers unbegun. */
  enqueue(job: Job): void {
    this.#queue.push(job);
    if (job.policy.priority > this.#lowest) this.#requeueBelow(job.policy.priority);
  }

  #requeueBelow(priority: number): void {
    this.#lowest = Infinity;
    for (const { backlog } of this.#workers) {
      // The last first, as each goes before all others.
      for (const chunk of [...backlog.chunks].reverse()) {
        if (isBound(chunk)) continue;
        if (chunk.job.policy.priority < priority) this.requeue(backlog.retractSpare(chunk, 0));
        else this.#lowest = Math.min(this.#lowest, chunk.job.policy.priority);
      }
    }
  }

  /** Has tasks run again, or elsewhere, that were given out. */
  requeue(tail: JobChunk): void {
    if (tail.size === 0 || tail.job.over) return;
    tail.job.takeBack(tail);
    if (tail.job.policy.bound) this.broadcasts.add(tail.job);
    else this.#queue.unshift(tail.job);
  }

  /** A job is over: nothing of it that has not begun will run. */
  forget(job: Job): void {
    this.#queue.forget(job);
    if (!job.isAtWork) return;
    for (const { backlog } of this.#workers) {
      for (const chunk of backlog.chunks) if (chunk.job === job) backlog.retract(chunk);
    }
  }

  /** What waits for a turn of the event loop holds the process, what waits behind a task does not. */
  setAlarm(): void {
    const { isRefusing } = this.#sender;
    if (isRefusing) this.#alarm.hold();
    else if (this.#alarm.isRunning || !this.#needsAlarm()) return;
    else this.#alarm.release();
    this.#alarm.start(isRefusing ? 0 : ALARM_MS, () => this.#ring());
  }

  /** Looks after nothing more: there are no workers left. */
  stop(): void {
    this.#alarm.stop();
  }

  #needsAlarm(): boolean {
    for (const { backlog } of this.#workers) if (backlog.keepsBack) return true;
    if (!this.#isHelpNear()) return false;
    for (const { backlog } of this.#workers) if (backlog.hasSpare) return true;
    return false;
  }

  /** Whether a worker has nothing to do, or could be started. */
  #isHelpNear(): boolean {
    let counted = 0;
    for (const worker of this.#workers) {
      if (worker.isFree) return true;
      if (worker.counts) counted++;
    }
    return counted < this.#limits.workers;
  }

  #ring(): void {
    for (const { backlog } of this.#workers) backlog.takeKept();
    this.#round++;
    this.#sender.goOn();
    this.#onAlarm();
  }

  /**
   * Gives out what can be given out; a worker whose tasks could not be sent has room for others.
   *
   * @param hasNews Whether something has happened; on a mere ring of the alarm, what is on its way in time is left alone.
   */
  dispatch(hasNews = true): void {
    this.#hasNews = hasNews;
    this.#goesOn = true;
    while (this.#goesOn && !this.#sender.isLate) {
      this.#goesOn = false;
      this.#giveOut();
    }
  }

  #giveOut(): void {
    if (this.broadcasts.mayOwe) this.#giveOwed();
    for (let job = this.#queue.peek(); job !== undefined; job = this.#queue.peek()) {
      const worker = this.#workerFor(job);
      if (worker === undefined) break;
      this.#loadFrom(job, worker);
    }
    if (this.#queue.peek() === undefined) this.#stealForIdle();
    for (const [worker, chunks] of this.#loads) this.#sender.send(worker, chunks);
    this.#loads.clear();
  }

  #giveOwed(): void {
    for (const worker of this.#workers) {
      const chunk = worker.isFree ? this.broadcasts.taskFor(worker) : undefined;
      if (chunk !== undefined) this.#load(worker, chunk);
    }
  }

  #loadFrom(job: Job, worker: PoolWorker): void {
    const isNew = job.returned === 0;
    const limit = isNew ? this.#queue.limitFor(job) : Infinity;
    const chunk = job.take(Math.min(limit, worker.backlog.limitFor(job)));
    // The input is the caller's code: it may have ended the job, or the pool, or this worker.
    if (chunk !== undefined && (job.over || !worker.isOpen)) {
      job.takeBack(chunk);
    } else if (chunk !== undefined) {
      this.#load(worker, chunk);
      this.#queue.gave(job, chunk.size, isNew);
    } else if (this.#queue.peek() === job) {
      this.#queue.shift();
    }
  }

  /** The idle worker that rested least, whose caches are warm; or a busy one about to run dry. */
  #workerFor(job: Job): PoolWorker | undefined {
    let best: PoolWorker | undefined;
    for (const worker of this.#workers) {
      if (!worker.isFree) continue;
      if (best === undefined || worker.idleSince > best.idleSince) best = worker;
    }
    if (best !== undefined || !this.#maySendAhead(job)) return best;
    const isStaffed = this.#isStaffed("ready");
    for (const worker of this.#workers) {
      if (!this.#hasRoom(worker, isStaffed) || !worker.isOpen) continue;
      if (best === undefined || worker.backlog.ms < best.backlog.ms) best = worker;
    }
    return best;
  }

  #maySendAhead({ policy }: Job): boolean {
    return policy.transfer === undefined && (this.#limits.readsAhead || policy.counted === true);
  }

  /** A message costs more than the room of one tiny task is worth: it waits for more room. */
  #hasRoom(worker: PoolWorker, isStaffed: boolean): boolean {
    const { backlog } = worker;
    // A worker on its way would begin a task sooner than one that has another to end first.
    if (isStaffed && backlog.canPrefetch) return true;
    return this.#loads.has(worker) ? backlog.hasRoom : backlog.runsLow;
  }

  /** Whether all workers are up, or as far as that. */
  #isStaffed(least: "starting" | "ready"): boolean {
    let workers = 0;
    for (const { state } of this.#workers) if (state === "ready" || state === least) workers++;
    return workers >= this.#limits.workers;
  }

  #load(worker: PoolWorker, chunk: JobChunk): void {
    this.give(worker, chunk);
    const load = this.#loads.get(worker);
    if (load === undefined) this.#loads.set(worker, [chunk]);
    else load.push(chunk);
  }

  /** Idle workers take over what busy ones have not begun: a long task must not hold up others. */
  #stealForIdle(): void {
    for (const worker of this.#workers) {
      if (!worker.isFree) continue;
      const stolen = this.#steal(worker.backlog.budget);
      if (stolen === undefined) return;
      this.#load(worker, stolen);
    }
  }

  #steal(limit: number): JobChunk | undefined {
    for (const worker of this.#workers) {
      if (this.#loads.has(worker)) continue;
      // The last first: it would wait longest. It may be empty, if it was taken over itself.
      for (let at = worker.backlog.chunks.length - 1; at >= 0; at--) {
        const tail = this.#stealFrom(worker.backlog, at, limit);
        if (tail !== undefined) return tail;
      }
    }
    return undefined;
  }

  #stealFrom(backlog: Backlog, at: number, limit: number): JobChunk | undefined {
    const chunk = backlog.chunks[at];
    if (chunk === undefined || isBound(chunk)) return undefined;
    const isWhole = chunk.job.policy.chunkSize !== undefined;
    const kept = this.#keptOf(backlog, at, chunk);
    const tail = backlog.retractSpare(chunk, isWhole ? kept : Math.max(kept, chunk.size - limit));
    if (tail.size === 0) return undefined;
    tail.stolen = true;
    if (at === 0 && kept === 0) tail.moves++;
    if (tail.size > limit) this.requeueNow(tail.split(limit));
    return tail;
  }

  /** How many tasks of a chunk its worker keeps when another one has nothing to do. */
  #keptOf(backlog: Backlog, at: number, chunk: JobChunk): number {
    // Behind another it may wait for long. Where it goes it is the first, so it is not passed on.
    if (at > 0) return 0;
    const begun = backlog.begun(chunk);
    const isDue = this.#isOld(chunk) || (this.#hasNews && !chunk.stolen);
    // Half of what is left, so that both end together.
    if (begun > 0) return isDue ? begun + ((chunk.size - begun) >> 1) : chunk.size;
    if (!this.#isOld(chunk, chunk.moves)) return chunk.size;
    // Its thread is blocked, or gets no time; or its module is long in coming, as elsewhere.
    return backlog.isLoading ? 1 : 0;
  }

  /** Whether a chunk lies with its worker for at least one whole round, and so many more. */
  #isOld({ since }: JobChunk, more = 0): boolean {
    return this.#round - since > 1 + more;
  }

  /** Has tasks given out once more in this round. */
  requeueNow(chunk: JobChunk): void {
    this.requeue(chunk);
    this.#goesOn = true;
  }

  /** A worker that was to be sent tasks has room for others. */
  refused(): void {
    this.#goesOn = true;
  }

  /** A worker could not read something among the chunks that it was sent. */
  sendAgain(worker: PoolWorker, chunks: readonly JobChunk[]): void {
    this.#sender.sendApart(worker, chunks, newUnreadError());
  }

  /** Gives a chunk to a worker, which is to be sent it. */
  give(worker: PoolWorker, chunk: JobChunk): void {
    worker.backlog.add(chunk);
    chunk.since = this.#round;
    this.#lowest = Math.min(this.#lowest, chunk.job.policy.priority);
  }
}
