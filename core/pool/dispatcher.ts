import { Broadcasts } from "./broadcasts.ts";
import type { Job, JobChunk } from "./job.ts";
import { JobQueue } from "./job_queue.ts";
import { isBound, type Slot } from "./slot.ts";
import type { Time } from "../timer.ts";

/** How long tasks that cannot be sent may hold up the caller's thread in one turn, in ms. */
const MAX_REFUSING = 4;

/** Rounds that take about as long as the start of a worker. */
const START_ROUNDS = 32;

/** What bounds the sending of tasks. */
export interface DispatcherLimits {
  /** Most workers at a time. */
  readonly workers: number;
  /** Whether inputs may be read, and sent, before a worker needs them. */
  readonly readsAhead: boolean;
}

/** Brings waiting tasks to workers with room. */
export class Dispatcher {
  /** The tasks that belong to one worker each. */
  readonly broadcasts: Broadcasts = new Broadcasts();
  readonly #slots: ReadonlySet<Slot>;
  readonly #limits: DispatcherLimits;
  readonly #queue = new JobQueue();
  /** No worker has anything to give back of a lower priority. */
  #lowest = Infinity;
  readonly #loads = new Map<Slot, JobChunk[]>();
  readonly #time: Time;
  /** Rings of the alarm so far. */
  #round = 0;
  #isPrompted = true;
  /** Whether there is room again, or something to give out. */
  #goesOn = false;
  /** When the first task could not be sent, since the last round. */
  #refusing: number | undefined;

  /**
   * @param slots The workers, as they come and go.
   * @param limits How many they may be, and what they may be sent.
   * @param time The clock.
   */
  constructor(slots: ReadonlySet<Slot>, limits: DispatcherLimits, time: Time) {
    this.#slots = slots;
    this.#limits = limits;
    this.#time = time;
  }

  /** How many workers could be used for what waits, in the queue or for long behind others. */
  get demand(): number {
    const { workers } = this.#limits;
    const demand = this.#queue.demand(workers);
    if (demand >= workers || this.#isStaffed("starting")) return demand;
    return Math.min(demand + this.#countOld(), workers);
  }

  /** Whether a busy worker has tasks that others could run. */
  get hasSpare(): boolean {
    for (const slot of this.#slots) if (slot.hasSpare) return true;
    return false;
  }

  #countOld(): number {
    let tasks = 0;
    for (const slot of this.#slots) {
      for (const chunk of slot.chunks) {
        // A thread that is only held up for a moment comes to its tasks before another one is there.
        const isHeldUp = chunk === slot.chunks[0] && slot.begun(chunk) === 0;
        const patience = isHeldUp ? START_ROUNDS : 0;
        if (this.#isOld(chunk, patience)) tasks += slot.spareOf(chunk);
      }
    }
    return tasks;
  }

  /** Whether tasks could not be sent since the last round. */
  get isRefusing(): boolean {
    return this.#refusing !== undefined;
  }

  /** Puts a job in the queue, and takes back what a lower one has at the workers unbegun. */
  enqueue(job: Job): void {
    this.#queue.push(job);
    if (job.policy.priority > this.#lowest) this.#recall(job.policy.priority);
  }

  #recall(priority: number): void {
    this.#lowest = Infinity;
    for (const slot of this.#slots) {
      if (slot.claims === undefined) continue;
      // The last first, as each goes before all others.
      for (const chunk of [...slot.chunks].reverse()) {
        if (isBound(chunk)) continue;
        if (chunk.job.policy.priority < priority) this.requeue(slot.relieve(chunk, 0));
        else this.#lowest = Math.min(this.#lowest, chunk.job.policy.priority);
      }
    }
  }

  /** Has tasks run that were given out and taken back. */
  requeue(tail: JobChunk): void {
    if (tail.size === 0 || tail.job.over) return;
    tail.job.giveBack(tail);
    if (tail.job.policy.pinned) this.broadcasts.add(tail.job);
    else this.#queue.unshift(tail.job);
  }

  /** A job is over: nothing of it that has not begun will run. */
  forget(job: Job): void {
    this.#queue.forget(job);
    if (!job.isAtWork) return;
    for (const slot of this.#slots) {
      for (const chunk of slot.chunks) if (chunk.job === job) slot.takeBack(chunk);
    }
  }

  /** Takes note that a round is over. */
  age(): void {
    this.#round++;
    this.#refusing = undefined;
  }

  /**
   * Gives out what can be given out; a worker whose tasks could not be sent has room for others.
   *
   * @param isPrompted Whether something has happened; else what is on its way in time is left alone.
   */
  dispatch(isPrompted = true): void {
    this.#isPrompted = isPrompted;
    this.#goesOn = true;
    while (this.#goesOn && !this.#isLate) {
      this.#goesOn = false;
      this.#giveOut();
    }
  }

  /** Whether tasks that cannot be sent have held up the caller's thread for long enough. */
  get #isLate(): boolean {
    const { now } = this.#time;
    return this.#refusing !== undefined && now() - this.#refusing > MAX_REFUSING;
  }

  #giveOut(): void {
    for (const slot of this.#slots) this.#loadPinned(slot);
    for (let job = this.#queue.peek(); job !== undefined; job = this.#queue.peek()) {
      const slot = this.#slotFor(job);
      if (slot === undefined) break;
      this.#loadFrom(job, slot);
    }
    if (this.#queue.peek() === undefined) this.#relieve();
    for (const [slot, chunks] of this.#loads) this.#send(slot, chunks);
    this.#loads.clear();
  }

  #loadPinned(slot: Slot): void {
    const chunk = slot.open && slot.idle ? this.broadcasts.taskFor(slot) : undefined;
    if (chunk !== undefined) this.#load(slot, chunk);
  }

  #loadFrom(job: Job, slot: Slot): void {
    const isNew = job.returned === 0;
    const limit = isNew ? this.#queue.limitFor(job) : Infinity;
    const chunk = job.take(Math.min(limit, slot.limitFor(job, this.#limits.workers)));
    // The input is the caller's code: it may have ended the job, or the pool, or this worker.
    if (chunk !== undefined && (job.over || !slot.open)) {
      job.giveBack(chunk);
    } else if (chunk !== undefined) {
      this.#load(slot, chunk);
      this.#queue.gave(job, chunk.size, isNew);
    } else if (this.#queue.peek() === job) {
      this.#queue.shift();
    }
  }

  /** The idle worker that rested least, whose caches are warm; or a busy one about to run dry. */
  #slotFor(job: Job): Slot | undefined {
    let best: Slot | undefined;
    for (const slot of this.#slots) {
      if (slot.open && slot.idle && (best === undefined || slot.idleSince > best.idleSince)) {
        best = slot;
      }
    }
    if (best !== undefined || !this.#maySendAhead(job)) return best;
    const isStaffed = this.#isStaffed("ready");
    for (const slot of this.#slots) {
      // A worker on its way would begin a task sooner than one that has another to end first.
      if (!this.#hasRoom(slot) && !(isStaffed && slot.canPrefetch)) continue;
      if (best === undefined || slot.backlog < best.backlog) best = slot;
    }
    return best;
  }

  #maySendAhead({ policy }: Job): boolean {
    return policy.transfer === undefined && (this.#limits.readsAhead || policy.counted === true);
  }

  /** A message costs more than the room of one tiny task is worth: it waits for more room. */
  #hasRoom(slot: Slot): boolean {
    return this.#loads.has(slot) ? slot.hasRoom : slot.runsLow;
  }

  /** Whether all workers are up, or as far as that. */
  #isStaffed(least: "starting" | "ready"): boolean {
    let workers = 0;
    for (const { status } of this.#slots) if (status === "ready" || status === least) workers++;
    return workers >= this.#limits.workers;
  }

  #load(slot: Slot, chunk: JobChunk): void {
    this.#give(slot, chunk);
    const load = this.#loads.get(slot);
    if (load === undefined) this.#loads.set(slot, [chunk]);
    else load.push(chunk);
  }

  /** Idle workers take over what busy ones have not begun: a long task must not hold up others. */
  #relieve(): void {
    for (const slot of this.#slots) {
      if (!slot.open || !slot.idle) continue;
      const stolen = this.#steal(slot.budget);
      if (stolen === undefined) return;
      this.#load(slot, stolen);
    }
  }

  #steal(limit: number): JobChunk | undefined {
    for (const slot of this.#slots) {
      if (slot.claims === undefined || this.#loads.has(slot)) continue;
      // The last first: it would wait longest. It may be empty, if it was taken over itself.
      for (let at = slot.chunks.length - 1; at >= 0; at--) {
        const tail = this.#stealFrom(slot, at, limit);
        if (tail !== undefined) return tail;
      }
    }
    return undefined;
  }

  #stealFrom(slot: Slot, at: number, limit: number): JobChunk | undefined {
    const chunk = slot.chunks[at];
    if (chunk === undefined || isBound(chunk)) return undefined;
    const isWhole = chunk.job.policy.chunkSize !== undefined;
    const kept = this.#keptOf(slot, at, chunk);
    const tail = slot.relieve(chunk, isWhole ? kept : Math.max(kept, chunk.size - limit));
    if (tail.size === 0) return undefined;
    tail.stolen = true;
    if (at === 0 && kept === 0) tail.moves++;
    if (tail.size > limit) this.#putBack(tail.split(limit));
    return tail;
  }

  /** How many tasks of a chunk its worker keeps when another one has nothing to do. */
  #keptOf(slot: Slot, at: number, chunk: JobChunk): number {
    // Behind another it may wait for long. Where it goes it is the first, so it is not passed on.
    if (at > 0) return 0;
    const begun = slot.begun(chunk);
    const isDue = this.#isOld(chunk) || (this.#isPrompted && !chunk.stolen);
    // Half of what is left, so that both end together.
    if (begun > 0) return isDue ? begun + ((chunk.size - begun) >> 1) : chunk.size;
    if (!this.#isOld(chunk, chunk.moves)) return chunk.size;
    // Its thread is blocked, or gets no time; or its module is long in coming, as elsewhere.
    return slot.loading ? 1 : 0;
  }

  /** Whether a chunk lies with its worker for at least one whole round, and so many more. */
  #isOld({ since }: JobChunk, more = 0): boolean {
    return this.#round - since > 1 + more;
  }

  #putBack(chunk: JobChunk): void {
    this.requeue(chunk);
    this.#goesOn = true;
  }

  #give(slot: Slot, chunk: JobChunk): void {
    slot.give(chunk);
    chunk.since = this.#round;
    this.#lowest = Math.min(this.#lowest, chunk.job.policy.priority);
  }

  #send(slot: Slot, chunks: readonly JobChunk[]): void {
    try {
      this.#post(slot, chunks);
    } catch (error) {
      for (const chunk of chunks) slot.ungive(chunk);
      this.#sendApart(slot, chunks, error);
    }
  }

  /** Something among the chunks cannot be cloned: finds the task, by halves, so that only it fails. */
  #sendApart(slot: Slot, chunks: readonly JobChunk[], error: unknown): void {
    const [chunk] = chunks;
    if (chunk !== undefined && chunks.length === 1 && chunk.size === 1) {
      return this.#refuse(chunk, error);
    }
    for (const half of halvesOf(chunks)) {
      const wanted = half.filter(({ job }) => !job.over);
      if (this.#isLate || slot.isFull) {
        wanted.forEach((chunk) => this.requeue(chunk));
      } else if (wanted.length > 0) {
        for (const chunk of wanted) this.#give(slot, chunk);
        this.#send(slot, wanted);
      }
    }
  }

  #refuse(chunk: JobChunk, error: unknown): void {
    this.#refusing ??= this.#time.now();
    this.#goesOn = true;
    chunk.reject(0, error);
    chunk.job.advance();
  }

  #post(slot: Slot, chunks: readonly JobChunk[]): void {
    const transfer: Transferable[] = [];
    const wire = chunks.map((chunk) => slot.wire(chunk, transfer));
    slot.worker.post({ kind: "run", chunks: wire }, transfer);
  }
}

/** Chunks, or the one chunk, as two halves. */
function halvesOf(chunks: readonly JobChunk[]): readonly JobChunk[][] {
  const [chunk] = chunks;
  if (chunk !== undefined && chunks.length === 1) {
    const tail = chunk.split(chunk.size >> 1);
    return [[chunk], [tail]];
  }
  const middle = chunks.length >> 1;
  return [chunks.slice(0, middle), chunks.slice(middle)];
}
