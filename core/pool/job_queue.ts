import { type ChunkLimits, weightOf } from "./functions.ts";
import { Fifo, Heap, type HeapItem } from "../queues.ts";
import type { Job, JobChunk } from "./job.ts";
import type { PoolWorker } from "./pool_worker.ts";

/** Priorities whose calls keep their member while none waits. */
const MAX_IDLE = 8;

/**
 * Jobs that have tasks to give: the highest priority first. Within one they
 * take turns, a chunk each; all calls of `apply` together are as one of them.
 */
export class JobQueue {
  readonly #limits: ChunkLimits;
  readonly #members = new Heap<RoundMember>(goesBefore);
  /** Those of the other jobs that wait. */
  readonly #own = new Map<Job, RoundMember>();
  /** The calls that wait, by priority. */
  readonly #calls = new Map<number, RoundMember>();
  #turns = 0;
  #returns = 0;

  /** @param limits How much of a turn a task takes: all calls together have a chunk's worth. */
  constructor(limits: ChunkLimits) {
    this.#limits = limits;
  }

  /** The job whose turn it is. */
  peek(): Job | undefined {
    for (let member = this.#members.peek(); member; member = this.#members.peek()) {
      const job = member.peek();
      if (job !== undefined) return job;
      this.#leave(member);
    }
    return undefined;
  }

  /** Has a job take part, unless it does: a new one after all others of its priority. */
  push(job: Job): void {
    if (job.queued) return;
    const member = this.#memberOf(job);
    if (member.isIdle && job.policy.counted) member.enter(++this.#turns);
    member.push(job);
    this.#place(member);
  }

  /** Has a job go first in its priority: it gives tasks again that have had their turn. */
  unshift(job: Job): void {
    const member = this.#memberOf(job);
    if (!job.queued) member.pushBack(job);
    member.rank = --this.#returns;
    this.#members.put(member);
  }

  /** Takes out the job whose turn it is: it has no task to give, and loses this turn. */
  shift(): void {
    const member = this.#members.peek();
    if (member === undefined) return;
    member.shift();
    if (member.peek() === undefined) member.turn = ++this.#turns;
    this.#place(member);
  }

  /** How many tasks a job may give in its turn. */
  limitFor(job: Job): number {
    return this.#members.size > 1 ? this.#memberOf(job).limitFor(job) : Infinity;
  }

  /** Takes note that a job in the queue gave tasks, new ones or such as have had their turn. */
  gave(job: Job, tasks: number, isNew: boolean): void {
    const member = this.#memberOf(job);
    if (isNew && member.spend(job, tasks)) member.turn = ++this.#turns;
    if (job.waiting === 0 && member.peek() === job) member.shift();
    this.#place(member);
  }

  /** Takes note that a job is over. */
  forget(job: Job): void {
    if (!job.queued) return;
    const member = this.#memberOf(job);
    member.forget(job);
    this.#place(member);
  }

  /** How many tasks wait, counted no further than `limit`. */
  demand(limit: number): number {
    let demand = 0;
    for (const member of this.#members) {
      demand += member.demand(limit - demand);
      if (demand >= limit) return limit;
    }
    return demand;
  }

  #memberOf(job: Job): RoundMember {
    const { priority, counted } = job.policy;
    const known = counted ? this.#calls.get(priority) : this.#own.get(job);
    job.number ||= ++this.#turns;
    if (known !== undefined) return known;
    const member = new RoundMember(job, job.turn || ++this.#turns, this.#limits);
    if (counted) this.#calls.set(priority, member);
    else this.#own.set(job, member);
    return member;
  }

  /** Puts a member where it belongs, after something about it has changed. */
  #place(member: RoundMember): void {
    const job = member.peek();
    if (job === undefined) return this.#leave(member);
    if (job.returned === 0) member.rank = member.turn;
    this.#members.put(member);
  }

  #leave(member: RoundMember): void {
    this.#members.remove(member);
    if (member.job !== undefined) {
      member.job.turn = member.turn;
      this.#own.delete(member.job);
    } else if (this.#calls.size > MAX_IDLE) {
      // Most calls have the same few priorities, but each may have its own.
      this.#calls.delete(member.priority);
    }
  }
}

function goesBefore(one: RoundMember, other: RoundMember): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  return one.rank < other.rank;
}

/** Who takes turns with the others of its priority: one job, or all waiting calls together. */
class RoundMember implements HeapItem {
  readonly priority: number;
  /** The one job that it stands for; none if for all calls. */
  readonly job: Job | undefined;
  /** When it last had a turn, or came, as a count: the lowest is next. */
  turn: number;
  /** When it is to go: at its turn, or before all others. */
  rank: number;
  at = -1;
  readonly #limits: ChunkLimits;
  readonly #jobs = new Fifo<Job>();
  /** How many of them are over. */
  #dead = 0;
  /** Milliseconds of work that it has given in this turn. */
  #given = 0;

  /**
   * @param job The job, or one of the calls.
   * @param turn When it last had a turn, or came.
   * @param limits How much of a turn a task takes.
   */
  constructor(job: Job, turn: number, limits: ChunkLimits) {
    this.#limits = limits;
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
    if (this.job !== undefined) return Infinity;
    const { chunkMs } = this.#limits;
    return Math.ceil((chunkMs - this.#given) / weightOf(fn.cost, chunkMs));
  }

  /** Takes note that so many tasks were given; tells whether that was all of its turn. */
  spend({ fn }: Job, tasks: number): boolean {
    const { chunkMs } = this.#limits;
    this.#given += tasks * weightOf(fn.cost, chunkMs);
    if (this.job === undefined && this.#given < chunkMs) return false;
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

/**
 * Which workers are owed a task of which broadcasts, and which of their tasks
 * have no worker: each worker runs one, whichever the job gives it.
 */
export class Broadcasts {
  /** Workers that are owed none are not in it: mostly it is empty. */
  readonly #owed = new Map<PoolWorker, Fifo<Job>>();
  /** One entry for each task whose worker is gone before it began it. */
  readonly #unplaced = new Fifo<Job>();

  /** Whether tasks wait for a worker that is not there yet. */
  get hasUnplaced(): boolean {
    return holdsJobs(this.#unplaced);
  }

  /** Owes each worker a task of a job. */
  begin(job: Job, workers: Iterable<PoolWorker>): void {
    for (const worker of workers) this.#owe(worker, job);
  }

  /** A task of a job has lost its worker. */
  add(job: Job): void {
    this.#unplaced.push(job);
  }

  /** Whether any worker may be owed a task. */
  get mayOwe(): boolean {
    return this.#owed.size > 0;
  }

  /** Whether a worker is owed a task. */
  owes(worker: PoolWorker): boolean {
    const jobs = this.#owed.get(worker);
    if (jobs === undefined) return false;
    if (holdsJobs(jobs)) return true;
    this.#owed.delete(worker);
    return false;
  }

  /** The next task that a worker is owed. */
  taskFor(worker: PoolWorker): JobChunk | undefined {
    return this.owes(worker) ? this.#owed.get(worker)?.shift()?.take(1) : undefined;
  }

  /** Owes a worker one of the tasks that have none, if there is one. */
  giveTo(worker: PoolWorker): void {
    const job = this.hasUnplaced ? this.#unplaced.shift() : undefined;
    if (job !== undefined) this.#owe(worker, job);
  }

  /** A worker will run nothing more. */
  gone(worker: PoolWorker): void {
    for (const job of this.#owed.get(worker) ?? []) this.add(job);
    this.#owed.delete(worker);
  }

  #owe(worker: PoolWorker, job: Job): void {
    const jobs = this.#owed.get(worker);
    if (jobs !== undefined) return jobs.push(job);
    const first = new Fifo<Job>();
    first.push(job);
    this.#owed.set(worker, first);
  }
}

/** Whether a line of jobs has any; those that are over leave it. */
function holdsJobs(jobs: Fifo<Job>): boolean {
  while (jobs.peek()?.over) jobs.shift();
  return jobs.size > 0;
}
