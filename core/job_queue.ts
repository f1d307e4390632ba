import { Fifo } from "./fifo.ts";
import type { Job } from "./job.ts";

interface Line {
  readonly priority: number;
  readonly jobs: Fifo<Job>;
  /** How many of them are over, at most. */
  dead: number;
}

/** Jobs that have tasks to give: the highest priority first, first come first served within one. */
export class JobQueue {
  /** Highest priority first. */
  readonly #lines: Line[] = [];

  /** The job whose turn it is. */
  peek(): Job | undefined {
    for (let line = this.#lines[0]; line !== undefined; line = this.#lines[0]) {
      const job = line.jobs.peek();
      if (job !== undefined && !job.over) return job;
      if (job === undefined) this.#lines.shift();
      else this.shift();
    }
    return undefined;
  }

  /** Puts a job at the end of its line, unless it stands there already. */
  push(job: Job): void {
    if (job.queued) return;
    job.queued = true;
    this.#lineOf(job).jobs.push(job);
  }

  /** Puts a job at the front of its line: it gives tasks again that had been sent once. */
  unshift(job: Job): void {
    if (job.queued) return;
    job.queued = true;
    this.#lineOf(job).jobs.unshift(job);
  }

  /** Takes out the job whose turn it is. */
  shift(): void {
    const job = this.#lines[0]?.jobs.shift();
    if (job !== undefined) job.queued = false;
  }

  /** Takes note that a job in the queue is over. Dead jobs go when they outnumber the others in line. */
  forget(job: Job): void {
    if (!job.queued) return;
    const line = this.#lineOf(job);
    if (++line.dead * 2 <= line.jobs.size) return;
    line.jobs.retain((job) => !job.over);
    line.dead = 0;
    // Where each job has a priority of its own, lines would pile up instead.
    if (line.jobs.size === 0) this.#lines.splice(this.#lines.indexOf(line), 1);
  }

  /** How many tasks wait, counted no further than `limit`. */
  demand(limit: number): number {
    let demand = 0;
    for (const { jobs } of this.#lines) {
      for (const job of jobs) {
        demand += job.waiting;
        if (demand >= limit) return limit;
      }
    }
    return demand;
  }

  #lineOf(job: Job): Line {
    const { priority } = job.policy;
    const at = this.#lines.findIndex((line) => line.priority <= priority);
    const found = this.#lines[at];
    if (found?.priority === priority) return found;
    const line = { priority, jobs: new Fifo<Job>(), dead: 0 };
    this.#lines.splice(at < 0 ? this.#lines.length : at, 0, line);
    return line;
  }
}
