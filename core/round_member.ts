import { CHUNK_MS, weightOf } from "./chunking.ts";
import { Fifo } from "./fifo.ts";
import type { HeapItem } from "./heap.ts";
import type { Job } from "./job.ts";

/** Who takes turns with the others of its priority: one job, or all waiting calls together. */
export class RoundMember implements HeapItem {
  readonly priority: number;
  /** The one job that it stands for; none if for all calls. */
  readonly job: Job | undefined;
  /** When it last had a turn, or came, as a count: the lowest is next. */
  turn: number;
  /** When it is to go: at its turn, or before all others. */
  rank: number;
  at = -1;
  readonly #jobs = new Fifo<Job>();
  /** How many of them are over. */
  #dead = 0;
  /** Milliseconds of work that it has given in this turn. */
  #given = 0;

  /**
   * @param job The job, or one of the calls.
   * @param turn When it last had a turn, or came.
   */
  constructor(job: Job, turn: number) {
    this.priority = job.policy.priority;
    this.job = job.policy.counted ? undefined : job;
    this.turn = this.rank = turn;
  }

  /** Whether it has no part in the round. */
  get isIdle(): boolean {
    return this.at < 0;
  }

  /** Enters the round anew. */
  enter(turn: number): void {
    this.turn = this.rank = turn;
    this.#given = 0;
  }

  /** The job that gives next. */
  peek(): Job | undefined {
    for (let job = this.#jobs.peek(); job?.over; job = this.#jobs.peek()) this.shift();
    return this.#jobs.peek();
  }

  /** Adds a job at the end. */
  push(job: Job): void {
    job.queued = true;
    this.#jobs.push(job);
  }

  /** Adds a job that had left, before those that were submitted after it. */
  pushBack(job: Job): void {
    job.queued = true;
    this.#jobs.insert(job, (other) => other.number > job.number);
  }

  /** Takes out the job that would give next. */
  shift(): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    if (!job.queued) this.#dead--;
    job.queued = false;
  }

  /** Takes note that a job is over. Dead jobs go when they outnumber the others. */
  forget(job: Job): void {
    job.queued = false;
    if (++this.#dead * 2 <= this.#jobs.size) return;
    this.#jobs.retain((job) => !job.over);
    this.#dead = 0;
  }

  /** How many tasks of its next job may be given in this turn. */
  limitFor({ fn }: Job): number {
    return this.job === undefined
      ? Math.ceil((CHUNK_MS - this.#given) / weightOf(fn.cost))
      : Infinity;
  }

  /** Takes note that so many tasks were given; tells whether that was all of its turn. */
  spend({ fn }: Job, tasks: number): boolean {
    this.#given += tasks * weightOf(fn.cost);
    if (this.job === undefined && this.#given < CHUNK_MS) return false;
    this.#given = 0;
    return true;
  }

  /** How many tasks wait, counted no further than `limit`. */
  demand(limit: number): number {
    // A call that waits is at least one task.
    if (this.job === undefined && this.#jobs.size - this.#dead >= limit) return limit;
    let demand = 0;
    for (const job of this.#jobs) demand += job.waiting;
    return Math.min(demand, limit);
  }
}
