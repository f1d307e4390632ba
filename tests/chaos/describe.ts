/**
 * Puts a run in words that goes on where it should not.
 *
 * @module
 */

import type { Transcript } from "./chaos.ts";
import { doomOf, notesOf } from "./ledger.ts";
import type { JobRecord } from "./record.ts";

/** Most tasks of one job that are named. */
const MAX_NAMED = 5;

/** Names the jobs that were submitted and are not over, and what the pool counts. */
export function describePending(run: Transcript): string {
  const pending = run.records.filter(({ over, submittedAt }) => submittedAt !== undefined && !over);
  return [...pending.map((record) => describeJob(run, record)), JSON.stringify(run.stats)].join(
    "; ",
  );
}

/** Names tasks of a job that have begun, and whose outcome has not reached their caller. */
function describeJob({ ledger }: Transcript, { job, outcomes }: JobRecord): string {
  const notes = job.tasks.map((task) => ({ task, ...notesOf(ledger, task.id) }));
  const begun = notes.filter(({ begun }) => begun > 0);
  const unheard = notes.filter(({ begun }, at) => begun > 0 && outcomes[at] === undefined);
  const lines = unheard.slice(-MAX_NAMED).map(({ task, values, throws, workers }) => {
    const state = values + throws > 0 ? "ended" : "running";
    return `task ${task.id} (${task.act}) ${state} on ${workers.map((one) => doomOf(ledger, one))}`;
  });
  const settled = outcomes.filter((outcome) => outcome !== undefined).length;
  const counts = `${job.tasks.length} tasks, ${begun.length} begun, ${settled} settled`;
  return `${job.kind} (job ${job.number}: ${[counts, ...lines].join(", ")})`;
}
