import type { Resolvers } from "./collectors.ts";
import { Slot } from "./slot.ts";
import type { WorkerControl } from "./worker_control.ts";

/** Failed starts in a row after which a pool is given up. */
const MAX_FAILED_STARTS = 5;

/** How long the second attempt in a row waits, in ms; each further one twice as long. */
const FIRST_DELAY = 20;
const MAX_DELAY = 5_000;

/** How many workers there may be. */
export interface RosterLimits {
  /** Prefix of the workers' names. */
  readonly name: string;
  /** Most workers at a time. */
  readonly workers: number;
  /** Fewest workers at a time. */
  readonly minWorkers: number;
  /** Tasks after which a worker is replaced. */
  readonly maxTasksPerWorker: number;
}

/** Which workers there are: starts them on demand, retires and replaces them. */
export class Roster {
  /** Every worker that has not ended. */
  readonly slots: Set<Slot> = new Set();
  /** Workers started in place of others. */
  restarted = 0;
  /** Workers that could not be stopped. */
  abandoned = 0;
  readonly #limits: RosterLimits;
  readonly #hire: (slot: Slot) => WorkerControl;
  #created = 0;
  #failedStarts = 0;
  #uselessDeaths = 0;
  #isClosed = false;

  /**
   * @param limits How many workers there may be.
   * @param hire Gives a new worker its thread.
   */
  constructor(limits: RosterLimits, hire: (slot: Slot) => WorkerControl) {
    this.#limits = limits;
    this.#hire = hire;
  }

  /** Workers that count: up or starting, and not about to leave. */
  get counted(): Slot[] {
    return [...this.slots].filter(isCounted);
  }

  /** How many workers count. */
  get size(): number {
    return this.#count(isCounted);
  }

  /** Workers that are up. */
  get ready(): number {
    return this.#count((slot) => slot.status === "ready");
  }

  /** Workers that are not up yet. */
  get starting(): number {
    return this.#count((slot) => slot.status === "starting");
  }

  /** Workers that have nothing to do. */
  get idle(): number {
    return this.#count((slot) => slot.status === "ready" && slot.idle);
  }

  /** Workers that run a task. */
  get busy(): number {
    return this.#count((slot) => !slot.idle);
  }

  /** Whether starts fail so often that no worker can be expected. */
  get hopeless(): boolean {
    return this.#failedStarts >= MAX_FAILED_STARTS;
  }

  /** Sees to it that `wanted` workers are on their way, and the minimum is there. */
  startUpTo(wanted: number): void {
    const { workers, minWorkers } = this.#limits;
    if (wanted === 0 && minWorkers === 0) return;
    const target = Math.min(workers, Math.max(minWorkers, this.ready + wanted));
    // Each start may call the caller's code, which may end the pool.
    while (!this.#isClosed && this.size < target) this.#start();
  }

  /** From now on no worker is started. */
  close(): void {
    this.#isClosed = true;
  }

  /** Starts a worker in place of one that died. */
  replaceDead(): void {
    if (this.size >= this.#limits.workers) return;
    this.restarted++;
    this.#start();
  }

  /** Starts the successor of a worker that may not be given more; it stays until that one is up. */
  startSuccessor(slot: Slot): void {
    slot.status = "leaving";
    this.restarted++;
    this.#start(slot);
  }

  /** A worker is up. */
  started(slot: Slot): void {
    slot.status = "ready";
    this.#failedStarts = 0;
  }

  /** A worker is gone. */
  remove(slot: Slot): void {
    this.slots.delete(slot);
    for (const other of this.slots) {
      if (other.predecessor === slot) other.predecessor = undefined;
    }
  }

  /** A worker did not come up. */
  startFailed(slot: Slot): void {
    this.remove(slot);
    this.#failedStarts++;
  }

  /** A worker died: one that never began a task must not be replaced as fast as it dies. */
  died(slot: Slot): void {
    this.remove(slot);
    this.#uselessDeaths = slot.hasBegunTasks ? 0 : this.#uselessDeaths + 1;
  }

  /** Lets a worker that does nothing end by itself. */
  stop(slot: Slot): void {
    if (slot.status === "stopping") return;
    slot.status = "stopping";
    slot.worker.stop();
  }

  /** Ends a worker, whatever it does. */
  kill(slot: Slot): void {
    slot.status = "stopping";
    slot.worker.kill();
  }

  /** Whether a worker may go for having nothing to do. */
  canSpare(slot: Slot): boolean {
    if (slot.status !== "ready" || !slot.idle) return false;
    return this.size > this.#limits.minWorkers;
  }

  #start(predecessor = this.#leavingWithoutSuccessor()): void {
    const { name, maxTasksPerWorker } = this.#limits;
    const id = ++this.#created;
    const index = this.#freeIndex(predecessor);
    const slot = new Slot(`${name}-${id}`, index, maxTasksPerWorker, predecessor, this.#hire);
    this.slots.add(slot);
    slot.worker.start(this.#delay());
  }

  /** The predecessor's index, or else the lowest that no worker has which counts. */
  #freeIndex(predecessor: Slot | undefined): number {
    const taken = new Set<number>();
    for (const slot of this.slots) if (isCounted(slot)) taken.add(slot.index);
    if (predecessor !== undefined && !taken.has(predecessor.index)) return predecessor.index;
    let index = 0;
    while (taken.has(index)) index++;
    return index;
  }

  /** A worker that still runs its last tasks and whose successor is gone: it must not count twice. */
  #leavingWithoutSuccessor(): Slot | undefined {
    const slots = [...this.slots];
    const isHeir = ({ status, predecessor }: Slot, slot: Slot) =>
      predecessor === slot && status !== "stopping";
    return slots.find((slot) =>
      slot.status === "leaving" && !slot.idle && !slots.some((other) => isHeir(other, slot))
    );
  }

  #delay(): number {
    const failures = this.#failedStarts + this.#uselessDeaths;
    return failures === 0 ? 0 : Math.min(FIRST_DELAY * 2 ** (failures - 1), MAX_DELAY);
  }

  #count(predicate: (slot: Slot) => boolean): number {
    let count = 0;
    for (const slot of this.slots) if (predicate(slot)) count++;
    return count;
  }
}

/** Whether a worker is up or starting, and not about to leave. */
function isCounted({ status }: Slot): boolean {
  return status === "starting" || status === "ready";
}

/** Calls of `ready()`, which wait until each worker has been up since; workers by their index. */
export class WarmUps {
  readonly #workers: number;
  #waiters: { readonly up: Set<number>; readonly resolvers: Resolvers<void> }[] = [];

  /** @param workers How many workers there may be: their indices are below. */
  constructor(workers: number) {
    this.#workers = workers;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.length;
  }

  /** Adds a call of `ready()`, for which the workers count that are up now: one that leaves still is. */
  add(resolvers: Resolvers<void>, slots: Iterable<Slot>): void {
    const up = new Set<number>();
    for (const { status, index } of slots) {
      if (status === "ready" || status === "leaving") up.add(index);
    }
    this.#waiters.push({ up, resolvers });
  }

  /** A worker is up. */
  started({ index }: Slot): void {
    for (const { up } of this.#waiters) up.add(index);
  }

  /** Lets those go who have waited for all workers. */
  resolve(): void {
    if (this.size === 0) return;
    const isDone = ({ up }: { up: Set<number> }) => up.size === this.#workers;
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { resolvers } of done) resolvers.resolve();
  }

  /** Lets all of them go: no workers are to come any more. */
  reject(newError: () => Error): void {
    for (const { resolvers } of this.#waiters.splice(0)) resolvers.reject(newError());
  }
}
