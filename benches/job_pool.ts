/**
 * What a job is, and what each library has to do for it.
 *
 * @module
 */

import type { Entrant } from "./contestant.ts";

/** A file of `jobs/`, which workers load. */
export interface Job {
  /** Lists so many inputs: paths or texts. */
  inputs(count: number): string[];
  /** Does the work of one input. */
  run(input: string): unknown;
}

/** A library that does whole jobs, used as its documentation says. */
export interface JobPool extends Entrant {
  readonly isForJobs: true;
  /** Opens a pool, runs the job on each input, and closes the pool. */
  runAll(job: LoadedJob, inputs: readonly string[], workers: number): Promise<unknown[]>;
}

/** A job that this thread has loaded: it has made the inputs. */
export interface LoadedJob extends Pick<Job, "run"> {
  readonly url: URL;
}

/** Whether a workload is a job, by its name. */
export function isJob(workload: string): boolean {
  return workload.startsWith("job_");
}

/** The name of the file of a job that is a workload. */
export function jobOf(workload: string): string {
  return workload.slice("job_".length);
}
