/**
 * Says what may wait for tasks that do not end, and what has to settle beside them.
 *
 * @module
 */

import type { Transcript } from "./chaos.ts";
import { hasEndless, isEndless } from "./endless.ts";
import { IMAP_KINDS, isCutOff, type JobKind, type PlannedJob } from "./plan.ts";
import type { JobRecord } from "./record.ts";

/** Methods that run each task as a job of its own. */
const SINGLE_KINDS: readonly JobKind[] = ["burst", "apply", "applyAsync"];

/** Whether a job may last until the gate opens. */
export function mayLast({ plan, hasClaims }: Transcript, job: PlannedJob): boolean {
  if (hasEndless(job) && !isCutOff(job)) return true;
  const { kind } = job;
  // A broadcast needs every worker; bursts may share chunks, which stay whole without claims.
  const mayBeBehind = kind === "broadcast" || (kind === "burst" && !hasClaims);
  return mayBeBehind && plan.jobs.some(hasEndless);
}

/** Whether something of a job has not settled that needs nothing of tasks that do not end. */
export function isWanting(run: Transcript, record: JobRecord): boolean {
  const { job, submittedAt, over, outcomes } = record;
  if (submittedAt === undefined || over) return false;
  if (!mayLast(run, job)) return true;
  if (SINGLE_KINDS.includes(job.kind)) {
    if (job.kind === "burst" && !run.hasClaims) return false;
    return job.tasks.some((task, at) => !isEndless(task) && outcomes[at] === undefined);
  }
  // Without claims a chunk gives its results at its end.
  if (!IMAP_KINDS.includes(job.kind) || !run.hasClaims) return false;
  return outcomes.length < job.tasks.findIndex(isEndless);
}

/** How many tasks may wait in the pool until the gate opens. */
export function mostWaiting(run: Transcript): number {
  return run.records.filter(({ over, job }) => !over && mayLast(run, job))
    .reduce((sum, { job }) => sum + mostWaitingOf(run, job), 0);
}

function mostWaitingOf({ plan, hasClaims }: Transcript, job: PlannedJob): number {
  if (job.kind === "broadcast") return plan.workers;
  if (!hasClaims) return job.tasks.length;
  // What is behind it in its chunk, if the caller chose the size of that.
  const { chunkSize = 1 } = job.options;
  return job.tasks.filter(isEndless).length * (chunkSize - 1);
}
