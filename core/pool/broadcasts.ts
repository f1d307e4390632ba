import { Fifo } from "../queues.ts";
import type { Job, JobChunk } from "./job.ts";
import type { Slot } from "./slot.ts";

/**
 * Which workers are owed a task of which broadcasts, and which of their tasks
 * have no worker: each worker runs one, whichever the job gives it.
 */
export class Broadcasts {
  readonly #owed = new WeakMap<Slot, Fifo<Job>>();
  /** One entry for each task whose worker is gone before it began it. */
  readonly #unplaced = new Fifo<Job>();

  /** Whether tasks wait for a worker that is not there yet. */
  get hasUnplaced(): boolean {
    return holdsJobs(this.#unplaced);
  }

  /** Owes each worker a task of a job. */
  begin(job: Job, slots: Iterable<Slot>): void {
    for (const slot of slots) this.#owe(slot, job);
  }

  /** A task of a job has lost its worker. */
  add(job: Job): void {
    this.#unplaced.push(job);
  }

  /** Whether a worker is owed a task. */
  owes(slot: Slot): boolean {
    const jobs = this.#owed.get(slot);
    return jobs !== undefined && holdsJobs(jobs);
  }

  /** The next task that a worker is owed. */
  taskFor(slot: Slot): JobChunk | undefined {
    return this.owes(slot) ? this.#owed.get(slot)?.shift()?.take(1) : undefined;
  }

  /** Owes a worker one of the tasks that have none, if there is one. */
  giveTo(slot: Slot): void {
    const job = this.hasUnplaced ? this.#unplaced.shift() : undefined;
    if (job !== undefined) this.#owe(slot, job);
  }

  /** A worker will run nothing more. */
  gone(slot: Slot): void {
    for (const job of this.#owed.get(slot) ?? []) this.add(job);
    this.#owed.delete(slot);
  }

  #owe(slot: Slot, job: Job): void {
    const jobs = this.#owed.get(slot);
    if (jobs !== undefined) return jobs.push(job);
    const first = new Fifo<Job>();
    first.push(job);
    this.#owed.set(slot, first);
  }
}

/** Whether a line of jobs has any; those that are over leave it. */
function holdsJobs(jobs: Fifo<Job>): boolean {
  while (jobs.peek()?.over) jobs.shift();
  return jobs.size > 0;
}
