import { WorkerLostError } from "../../errors.ts";
import type { Resolvers } from "./collectors.ts";
import type { PoolWorker, WorkerPlace, WorkerState } from "./pool_worker.ts";
import type { Death, PoolLimits } from "../ports.ts";
import { describe } from "../wire/error_codec.ts";

/** Failed starts in a row after which a pool is given up. */
const MAX_FAILED_STARTS = 5;

/** How often a worker is replaced whose own code wants pools without end. */
const MAX_REFUSED = 5;

/** How long the second attempt in a row waits, in ms; each further one twice as long. */
const FIRST_DELAY = 20;
const MAX_DELAY = 5_000;

/** Which workers there are: starts them on demand, retires and replaces them. */
export class Roster {
  /** Every worker that has not ended. */
  readonly workers: Set<PoolWorker> = new Set();
  /** Workers started in place of others. */
  restarted = 0;
  /** Workers that could not be stopped. */
  abandoned = 0;
  readonly #limits: PoolLimits;
  readonly #newWorker: (place: WorkerPlace) => PoolWorker;
  #created = 0;
  #failedStarts = 0;
  #uselessDeaths = 0;
  #refused = 0;
  /** Whether a worker could not start for a reason that holds for all. */
  #isHopeless = false;
  #isClosed = false;

  /**
   * @param limits How many workers there may be.
   * @param newWorker Makes a worker, whose thread is not started yet.
   */
  constructor(limits: PoolLimits, newWorker: (place: WorkerPlace) => PoolWorker) {
    this.#limits = limits;
    this.#newWorker = newWorker;
  }

  /** Workers that count: up or starting, and not about to leave. */
  get counted(): PoolWorker[] {
    return [...this.workers].filter(({ counts }) => counts);
  }

  /** How many workers count. */
  get size(): number {
    return this.#count(({ counts }) => counts);
  }

  /** Workers that are up. */
  get ready(): number {
    return this.#count(({ state }) => state === "ready");
  }

  /** Workers that are not up yet. */
  get starting(): number {
    return this.#count(({ state }) => state === "starting");
  }

  /** Workers that have nothing to do. */
  get idle(): number {
    return this.#count(({ state, isIdle }) => state === "ready" && isIdle);
  }

  /** Workers that run a task. */
  get busy(): number {
    return this.#count(({ isIdle }) => !isIdle);
  }

  /** Whether workers fail so often, or in such a way, that no better one can be expected. */
  get hopeless(): boolean {
    return this.#isHopeless || this.#failedStarts >= MAX_FAILED_STARTS ||
      this.#refused > MAX_REFUSED;
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
  startSuccessor(worker: PoolWorker): void {
    worker.retire();
    this.restarted++;
    this.#start(worker);
  }

  /** A worker is up: the one that it replaces need not stay. */
  started(worker: PoolWorker): void {
    this.#failedStarts = 0;
    if (worker.predecessor?.isIdle) worker.predecessor.stop();
  }

  /** A worker has ended, or is about to, that was in one of its states. */
  departed(worker: PoolWorker, from: WorkerState, death: Death): void {
    if (death.isAbandoned) this.abandoned++;
    if (death.isRefused) this.#refused++;
    const isGone = worker.state === "gone";
    if (isGone) this.workers.delete(worker);
    if (from === "starting") {
      // Its successor starts without the module.
      if (!death.isImporting) this.#failedStarts++;
      this.#isHopeless ||= death.remedy?.isFinal === true;
      if (worker.predecessor?.isIdle) worker.predecessor.stop();
    } else if (isGone && from !== "stopping") {
      // One that never began a task must not be replaced as fast as it dies.
      this.#uselessDeaths = worker.hasBegunTasks ? 0 : this.#uselessDeaths + 1;
    }
  }

  /** The error of a pool whose workers do not start. */
  newStartError({ name: workerName }: PoolWorker, death: Death): WorkerLostError {
    const { exitCode, cause = new Error("the worker ended"), remedy } = death;
    const what = death.isRefused ? "died" : "failed to start";
    const often = this.#isHopeless ? "" : ", again and again";
    const text = `Cannot run tasks as workers ${what}${often}: ${describe(cause)}`;
    const advice = remedy?.advice === undefined ? "" : `: ${remedy.advice}`;
    return new WorkerLostError(text + advice, { exitCode, cause, workerName });
  }

  /** Whether a worker may go for having nothing to do. */
  canSpare({ state, isIdle }: PoolWorker): boolean {
    return state === "ready" && isIdle && this.size > this.#limits.minWorkers;
  }

  /** Lets a worker go that has run its last task, unless its successor is not up yet. */
  stopIfDone(worker: PoolWorker): void {
    if (worker.state !== "leaving" || !worker.isIdle) return;
    for (const { state, predecessor } of this.workers) {
      if (state === "starting" && predecessor === worker) return;
    }
    worker.stop();
  }

  #start(predecessor = this.#leavingWithoutSuccessor()): void {
    const name = `${this.#limits.name}-${++this.#created}`;
    const worker = this.#newWorker({ name, index: this.#freeIndex(predecessor), predecessor });
    this.workers.add(worker);
    worker.start(this.#delay());
  }

  /** The predecessor's index, or else the lowest that no worker has which counts. */
  #freeIndex(predecessor: PoolWorker | undefined): number {
    const taken = new Set(this.counted.map(({ index }) => index));
    if (predecessor !== undefined && !taken.has(predecessor.index)) return predecessor.index;
    let index = 0;
    while (taken.has(index)) index++;
    return index;
  }

  /** A worker that still runs its last tasks and whose successor is gone: it must not count twice. */
  #leavingWithoutSuccessor(): PoolWorker | undefined {
    const workers = [...this.workers];
    const isSuccessor = ({ state, predecessor }: PoolWorker, worker: PoolWorker) =>
      predecessor === worker && state !== "stopping" && state !== "gone";
    return workers.find((worker) =>
      worker.state === "leaving" && !worker.isIdle &&
      !workers.some((other) => isSuccessor(other, worker))
    );
  }

  #delay(): number {
    const failures = this.#failedStarts + this.#uselessDeaths;
    return failures === 0 ? 0 : Math.min(FIRST_DELAY * 2 ** (failures - 1), MAX_DELAY);
  }

  #count(predicate: (worker: PoolWorker) => boolean): number {
    let count = 0;
    for (const worker of this.workers) if (predicate(worker)) count++;
    return count;
  }
}

/** Calls of `ready()`, which wait until each worker has been up since; workers by their index. */
export class WarmUps {
  readonly #limits: PoolLimits;
  #waiters: { readonly up: Set<number>; readonly resolvers: Resolvers<void> }[] = [];

  /** @param limits How many workers there may be: their indices are below. */
  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.length;
  }

  /** Adds a call of `ready()`, for which the workers count that are up now: one that leaves still is. */
  add(resolvers: Resolvers<void>, workers: Iterable<PoolWorker>): void {
    const up = new Set<number>();
    for (const { state, index } of workers) {
      if (state === "ready" || state === "leaving") up.add(index);
    }
    this.#waiters.push({ up, resolvers });
  }

  /** A worker is up. */
  started({ index }: PoolWorker): void {
    for (const { up } of this.#waiters) up.add(index);
  }

  /** Lets those go who have waited for all workers. */
  resolve(): void {
    if (this.size === 0) return;
    const isDone = ({ up }: { up: Set<number> }) => up.size >= this.#limits.workers;
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { resolvers } of done) resolvers.resolve();
  }

  /** Lets all of them go: no workers are to come any more. */
  reject(newError: () => Error): void {
    for (const { resolvers } of this.#waiters.splice(0)) resolvers.reject(newError());
  }
}
