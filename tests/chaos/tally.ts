/**
 * Holds what a pool counted against what its callers saw.
 *
 * Where a caller saw the outcome of a task, the pool has to have counted just
 * that. Of the others (behind the first error of a `map`, in a job that was
 * aborted) the ledger tells what they may count as.
 *
 * @module
 */

import { WorkerLostError } from "../../mod.ts";
import type { Transcript } from "./chaos.ts";
import { countDoomed, notesOf } from "./ledger.ts";
import type { PlannedTask } from "./plan.ts";
import type { JobRecord, Outcome } from "./record.ts";

/** What a pool may count a task as. */
type Counts = readonly ("completed" | "failed" | "lost" | "none")[];

const COUNTS = ["completed", "failed", "lost"] as const;
const NONE = ["none"] as const;
const ANY: Counts = [...COUNTS, ...NONE];

/** Says in plain words where the pool's counts are wrong. */
export function checkStats(run: Transcript): string[] {
  const { stats, records } = run;
  const cases = records.flatMap((record) => casesOf(run, record));
  const sums = COUNTS.map((count) => {
    const least = cases.filter((counts) => counts.every((one) => one === count)).length;
    const most = cases.filter((counts) => counts.includes(count)).length;
    return checkRange(count, stats[count], least, most);
  });
  const least = cases.filter((counts) => !counts.includes("none")).length;
  const total = stats.completed + stats.failed + stats.lost;
  return [
    ...sums,
    checkRange("completed + failed + lost", total, least, cases.length),
    checkRange("restarted", stats.restarted, 0, mostRestarts(run)),
    ...(["workers", "idle", "busy", "running", "queued"] as const).map((name) => {
      return checkRange(`${name} at the end`, stats[name], 0, 0);
    }),
  ].filter((objection) => objection !== undefined);
}

function checkRange(
  name: string,
  value: number,
  least: number,
  most: number,
): string | undefined {
  if (value >= least && value <= most) return undefined;
  const due = least === most ? `${least}` : `between ${least} and ${most}`;
  return `stats(): ${name} is ${value} and has to be ${due}`;
}

/** What each task of a job may count as. */
function casesOf(run: Transcript, record: JobRecord): Counts[] {
  const { job, outcomes } = record;
  if (job.kind === "broadcast") {
    return Array.from({ length: run.plan.workers }, () => countsOfBroadcast(record));
  }
  const isInOrder = job.kind !== "imapUnordered";
  return job.tasks.map((task, at) => {
    const outcome = outcomes[at];
    if (outcome !== undefined) return countsOfSeen(record, outcome);
    if (!isCutShort(record)) return countsOfHidden(run, record, task);
    return isInOrder ? countsOfCut(run, record, task) : ANY;
  });
}

function countsOfSeen({ job, reason }: JobRecord, outcome: Outcome): Counts {
  if (outcome.kind === "value") return ["completed"];
  if (outcome.error instanceof WorkerLostError) return ["lost"];
  // The pool never had a task whose signal was aborted before.
  return outcome.error === reason && job.abort?.how === "before" ? ["none"] : ["failed"];
}

/** Whether tasks were dropped: then it is not known how far they were. */
function isCutShort(record: JobRecord): boolean {
  const { left, whole, job, inputError } = record;
  if (left || job.options.failFast) return true;
  return whole !== undefined && whole.error !== inputError && record.isEnd(whole.error);
}

function countsOfCut({ ledger }: Transcript, record: JobRecord, { id }: PlannedTask): Counts {
  const { begun, values } = notesOf(ledger, id);
  if (begun === 0) return ["failed", "lost", "none"];
  // What ran counts as failed with its job, but not if its reader just left.
  return [...(values > 0 ? COUNTS : COUNTS.slice(1)), ...(record.left ? NONE : [])];
}

/** A task of a job that ran to its end, with an error that hides what became of the others. */
function countsOfHidden({ ledger }: Transcript, { job }: JobRecord, task: PlannedTask): Counts {
  const { begun, values, throws } = notesOf(ledger, task.id);
  const isTimed = job.options.timeout !== undefined;
  if (task.act === "badArgument" || throws > 0) return ["failed"];
  // Behind an error in its chunk, unless worker after worker died before its turn.
  if (begun === 0) return ["lost", "none"];
  const otherwise: Counts = isTimed ? ["failed"] : [];
  return [values > 0 ? "completed" : "lost", ...otherwise];
}

function countsOfBroadcast(record: JobRecord): Counts {
  if (record.whole === undefined) return ["completed"];
  return isCutShort(record) ? ANY : COUNTS;
}

/** Each worker that was started in place of another has one that went. */
function mostRestarts({ plan, ledger, records }: Transcript): number {
  const runs = records.flatMap(({ job }) => job.tasks).reduce((sum, { id }) => {
    return sum + notesOf(ledger, id).begun;
  }, 0);
  const worn = Math.ceil(runs / plan.maxTasksPerWorker);
  const interrupted = records.filter(({ aborted }) => aborted).length * plan.workers;
  const timedOut = records.filter(({ job }) => job.options.timeout !== undefined)
    .reduce((sum, { job }) => sum + job.tasks.length, 0);
  return countDoomed(ledger) + worn + interrupted + timedOut;
}
