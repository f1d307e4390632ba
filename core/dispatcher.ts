import type { Job, JobChunk } from "./job.ts";
import { JobQueue } from "./job_queue.ts";
import type { Slot } from "./slot.ts";

/** Brings waiting tasks to workers with room. */
export class Dispatcher {
  readonly #slots: ReadonlySet<Slot>;
  readonly #workers: number;
  readonly #queue = new JobQueue();
  /** No worker has anything to give back of a lower priority. */
  #lowest = Infinity;
  readonly #loads = new Map<Slot, JobChunk[]>();
  /** Whether a task could not be sent. */
  #refused = false;

  /**
   * @param slots The workers, as they come and go.
   * @param workers Most workers at a time.
   */
  constructor(slots: ReadonlySet<Slot>, workers: number) {
    this.#slots = slots;
    this.#workers = workers;
  }

  /** How many workers could be used for what waits. */
  get demand(): number {
    return this.#queue.demand(this.#workers);
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
    this.#queue.unshift(tail.job);
  }

  /** A job is over: nothing of it that has not begun will run. */
  forget(job: Job): void {
    this.#queue.forget(job);
    if (!job.isAtWork) return;
    for (const slot of this.#slots) {
      for (const chunk of slot.chunks) if (chunk.job === job) slot.takeBack(chunk);
      slot.pinned = slot.pinned.filter((chunk) => chunk.job !== job);
    }
  }

  /** Gives out what can be given out; a worker whose tasks could not be sent has room for others. */
  dispatch(): void {
    do {
      this.#refused = false;
      this.#giveOut();
    } while (this.#refused);
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
    const chunk = slot.open && slot.idle ? slot.pinned.shift() : undefined;
    if (chunk !== undefined) this.#load(slot, chunk);
  }

  #loadFrom(job: Job, slot: Slot): void {
    const isNew = !job.hasReturned;
    const limit = isNew ? this.#queue.limitFor(job) : Infinity;
    const chunk = job.take(Math.min(limit, slot.limitFor(job, this.#workers)));
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
    if (best !== undefined || job.policy.transfer !== undefined) return best;
    const isStaffed = this.#isStaffed();
    for (const slot of this.#slots) {
      // A worker on its way would begin a task sooner than one that has another to end first.
      if (!this.#hasRoom(slot) && !(isStaffed && slot.canPrefetch)) continue;
      if (best === undefined || slot.backlog < best.backlog) best = slot;
    }
    return best;
  }

  /** A message costs more than the room of one tiny task is worth: it waits for more room. */
  #hasRoom(slot: Slot): boolean {
    return this.#loads.has(slot) ? slot.hasRoom : slot.runsLow;
  }

  #isStaffed(): boolean {
    let ready = 0;
    for (const slot of this.#slots) if (slot.status === "ready") ready++;
    return ready >= this.#workers;
  }

  #load(slot: Slot, chunk: JobChunk): void {
    slot.give(chunk);
    this.#lowest = Math.min(this.#lowest, chunk.job.policy.priority);
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
    if (chunk === undefined || chunk.stolen || isBound(chunk)) return undefined;
    // A worker keeps half of what it is at work on, so that both end together.
    const begun = slot.begun(chunk);
    if (begun === 0 && at === 0) return undefined;
    const kept = at > 0 ? 0 : begun + ((chunk.size - begun) >> 1);
    const tail = slot.relieve(chunk, Math.max(kept, chunk.size - limit));
    if (tail.size === 0) return undefined;
    // Once only: two idle workers could pass the same tasks to and fro for ever.
    tail.stolen = true;
    return tail;
  }

  #send(slot: Slot, chunks: readonly JobChunk[]): void {
    try {
      this.#post(slot, chunks);
    } catch (error) {
      for (const chunk of chunks) slot.ungive(chunk);
      this.#sendApart(slot, chunks, error);
    }
  }

  /** Something among the chunks cannot be cloned: finds the task, so that only it fails. */
  #sendApart(slot: Slot, chunks: readonly JobChunk[], error: unknown): void {
    const [chunk] = chunks;
    if (chunks.length === 1 && chunk?.size === 1) {
      this.#refused = true;
      chunk.next = 1;
      chunk.job.refuse(chunk, error);
      chunk.job.advance();
      return;
    }
    for (const part of chunks.length > 1 ? chunks : halves(chunks)) {
      if (part.job.over) continue;
      if (slot.isFull) {
        this.requeue(part);
        continue;
      }
      slot.give(part);
      this.#send(slot, [part]);
    }
  }

  #post(slot: Slot, chunks: readonly JobChunk[]): void {
    const transfer: Transferable[] = [];
    const wire = chunks.map((chunk) => slot.wire(chunk, transfer));
    slot.worker.post({ kind: "run", chunks: wire }, transfer);
    for (const chunk of chunks) chunk.transferred = chunk.job.policy.transfer !== undefined;
  }
}

/** Whether a chunk can be run by no other worker than the one that has it. */
function isBound(chunk: JobChunk): boolean {
  return chunk.transferred || chunk.job.policy.pinned === true;
}

/** A chunk as two. */
function halves([chunk]: readonly JobChunk[]): JobChunk[] {
  if (chunk === undefined) return [];
  const tail = chunk.split((chunk.size + 1) >> 1);
  return [chunk, tail];
}
