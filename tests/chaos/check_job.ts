/**
 * Holds what the caller of one job saw against its plan and the ledger.
 *
 * @module
 */

import { TimeoutError, WorkerLostError } from "../../mod.ts";
import type { Transcript } from "./chaos.ts";
import {
  type Case,
  inWords,
  type Objection,
  objectTo,
  objectToError,
  runsOf,
  UNNOTED,
} from "./check_task.ts";
import { doomOf, isDoomed, notesOf } from "./ledger.ts";
import { IMAP_KINDS, type JobKind, type PlannedTask } from "./plan.ts";
import type { JobRecord, Outcome } from "./record.ts";
import { valueOf } from "./tasks.ts";

/** Jobs that give one array, or the first error of their tasks. */
const COLLECTING: readonly JobKind[] = ["map", "mapAsync", "starmap", "broadcast"];

/** Says in plain words what is wrong with a job, if anything is. */
export function checkJob(run: Transcript, record: JobRecord): string[] {
  const { job, complaints } = record;
  const found = [
    ...complaints,
    ...checkWhole(run, record),
    ...CHECKS[job.kind](run, record),
    ...job.tasks.flatMap((task, at) => {
      const aCase = { run, record, task };
      return [checkRuns(aCase), checkReports(aCase, at)].map(aboutTask(task));
    }),
  ];
  return found.flatMap((objection) =>
    objection === undefined ? [] : [`${job.kind} (job ${job.number}): ${objection}`]
  );
}

/** Checks the error of the job as a whole, and whether it should have had one. */
function checkWhole(run: Transcript, record: JobRecord): Objection[] {
  const { job, whole, inputError, aborted, left, outcomes } = record;
  if (whole === undefined) {
    const isDue = job.inputThrows && !aborted && !left && run.plan.ending !== "terminate";
    return [isDue ? "does not tell that its input threw" : undefined];
  }
  if (whole.error === inputError) {
    const isEarly = IMAP_KINDS.includes(job.kind) && outcomes.length < job.tasks.length;
    return [isEarly ? "gives the input's error before the results" : undefined];
  }
  const mayBe = record.isEnd(whole.error) || COLLECTING.includes(job.kind);
  const objections = job.tasks.map((task) => objectToError({ run, record, task }, whole.error));
  return [
    mayBe ? mildest(objections) : `rejects as it must not: ${inWords(whole.error)}`,
  ];
}

/** What is wrong with an outcome that is one of several tasks'. */
function mildest(objections: Objection[]): Objection {
  if (objections.includes(undefined)) return undefined;
  if (objections.includes(UNNOTED)) return UNNOTED;
  return `has an outcome of none of its tasks: ${objections.slice(0, 3).join("; ")}`;
}

/** Checks outcomes that stand in the places of their tasks. */
function checkPlaces(run: Transcript, record: JobRecord): Objection[] {
  const { tasks } = record.job;
  const objections = record.outcomes.map((outcome, at) => {
    const task = tasks[at];
    if (task === undefined) return "has more outcomes than tasks";
    return outcome && aboutTask(task)(objectTo({ run, record, task }, outcome));
  });
  return [...objections, checkCount(record, tasks.length)];
}

/** Checks outcomes that come in any order: each has to be that of another task. */
function checkAnyOrder(run: Transcript, record: JobRecord): Objection[] {
  const left = new Set(record.job.tasks);
  const outcomes = record.outcomes.filter((outcome) => outcome !== undefined);
  const strays = outcomes.toSorted((a, b) => vaguenessOf(a) - vaguenessOf(b)).filter((outcome) => {
    const owner = [...left].find((task) => !objectTo({ run, record, task }, outcome));
    return owner === undefined || !left.delete(owner);
  });
  const objections = strays.map((outcome) =>
    mildest([...left].map((task) => objectTo({ run, record, task }, outcome) ?? "is taken"))
  );
  return [...objections, checkCount(record, record.job.tasks.length)];
}

/** How many tasks an outcome may be that of: who chooses first must not take another's. */
function vaguenessOf(outcome: Outcome): number {
  if (outcome.kind === "value") return 0;
  if (outcome.error instanceof TimeoutError) return 2;
  if (outcome.error instanceof WorkerLostError) return outcome.error.task === undefined ? 3 : 1;
  return 0;
}

/** Checks that each worker gave its value. */
function checkBroadcast({ plan }: Transcript, record: JobRecord): Objection[] {
  const [task] = record.job.tasks;
  const expected = task && valueOf(task.id);
  const strays = record.outcomes.filter((outcome) =>
    outcome?.kind !== "value" || outcome.value !== expected
  );
  return [
    strays.length > 0 ? `${strays.length} workers gave a wrong value` : undefined,
    checkCount(record, plan.workers),
  ];
}

/** Checks that no outcome is missing of a job that came to its end. */
function checkCount({ job, outcomes, whole, left, inputError }: JobRecord, due: number): Objection {
  const isAll = IMAP_KINDS.includes(job.kind) && whole?.error === inputError;
  if (left || (whole !== undefined && !isAll)) return undefined;
  const count = outcomes.filter((outcome) => outcome !== undefined).length;
  return count === due ? undefined : `has ${count} outcomes for ${due} tasks`;
}

const CHECKS: Readonly<Record<JobKind, (run: Transcript, record: JobRecord) => Objection[]>> = {
  burst: checkPlaces,
  apply: checkPlaces,
  applyAsync: checkPlaces,
  map: checkPlaces,
  mapAsync: checkPlaces,
  starmap: checkPlaces,
  mapSettled: checkPlaces,
  imap: checkPlaces,
  istarmap: checkPlaces,
  imapUnordered: checkAnyOrder,
  broadcast: checkBroadcast,
};

/** Checks that the task ran no more often than it may, and again only where its worker died. */
function checkRuns(aCase: Case): Objection {
  const { run, record, task } = aCase;
  const { begun, values, throws, workers } = notesOf(run.ledger, task.id);
  const most = runsOf(aCase);
  if (begun > most) return `ran ${begun} times where ${most} are allowed`;
  if (record.job.kind === "broadcast") return undefined;
  if (values + throws > 1) {
    return `ended ${values + throws} times: ${workers.map((one) => doomOf(run.ledger, one))}`;
  }
  const survivor = workers.slice(0, -1).find((worker) => !isDoomed(run.ledger, worker));
  if (survivor === undefined) return undefined;
  return `ran again though its worker ${survivor} was not to die`;
}

/** Checks that a task reported in each of its runs, and its caller heard all of a good one's. */
function checkReports({ run, record, task }: Case, at: number): Objection {
  const heard = record.reports.get(at) ?? 0;
  const { begun } = notesOf(run.ledger, task.id);
  if (heard > (task.act === "report" ? begun : 0)) {
    return `reported ${heard} times in ${begun} runs`;
  }
  const isTold = ["apply", "applyAsync", "mapSettled"].includes(record.job.kind);
  const isMissing = isTold && task.act === "report" && heard === 0 &&
    record.outcomes[at]?.kind === "value";
  return isMissing ? "has a value, and its report is missing" : undefined;
}

function aboutTask({ id, act }: PlannedTask): (objection: Objection) => Objection {
  return (objection) => objection && `task ${id} (${act}) ${objection}`;
}
