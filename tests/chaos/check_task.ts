/**
 * Says whether one task may have had the outcome that its caller saw.
 *
 * @module
 */

import {
  PoolTerminatedError,
  SerializationError,
  TimeoutError,
  WorkerLostError,
} from "../../mod.ts";
import type { Transcript } from "./chaos.ts";
import { doomOf, isDoomed, notesOf, numberOf } from "./ledger.ts";
import type { Act, PlannedTask } from "./plan.ts";
import type { JobRecord, Outcome } from "./record.ts";
import { complaintOf, valueOf } from "./tasks.ts";

/** A task of a job of a run. */
export interface Case {
  readonly run: Transcript;
  readonly record: JobRecord;
  readonly task: PlannedTask;
}

/** What is wrong, in plain words; nothing if nothing is. */
export type Objection = string | undefined;

/**
 * Said of a task that the pool takes for begun, against the task's own notes. It may be so
 * now and then: a thread can be held up, or cut off, before the first line of its task.
 */
export const UNNOTED = "has not noted that it began";

/** How often a task may run. */
export function runsOf({ run, record }: Case): number {
  return record.job.kind === "broadcast" ? run.plan.workers : 1 + record.job.options.retries;
}

/** Objects to an outcome that the task cannot have. */
export function objectTo(aCase: Case, outcome: Outcome): Objection {
  return outcome.kind === "value"
    ? objectToValue(aCase, outcome.value)
    : objectToError(aCase, outcome.error);
}

/** Objects to a value that is not the task's own, or that it never gave. */
function objectToValue({ run, task }: Case, value: unknown): Objection {
  if (value !== valueOf(task.id)) return `has the wrong value: ${String(value)}`;
  if (notesOf(run.ledger, task.id).values === 0) return "has a value that it never gave";
  return undefined;
}

/** Objects to an error that the task has not earned. */
export function objectToError(aCase: Case, error: unknown): Objection {
  const { run, record, task } = aCase;
  if (error === record.reason) return record.aborted ? undefined : "is aborted, unasked";
  if (error instanceof PoolTerminatedError) {
    return run.plan.ending === "terminate" ? undefined : "hears of a termination that never was";
  }
  if (error instanceof TimeoutError) return objectToTimeout(aCase);
  if (error instanceof WorkerLostError) return objectToLoss(aCase, error);
  const acts = OWN_ERRORS.find(({ isIt }) => isIt(error, task))?.acts;
  return acts?.includes(task.act)
    ? undefined
    : `has an error that its plan does not explain: ${inWords(error)}`;
}

/** Errors of a task's own making. */
const OWN_ERRORS: readonly {
  isIt(error: unknown, task: PlannedTask): boolean;
  acts: readonly Act[];
}[] = [
  {
    isIt: (error, { id }) => error instanceof RangeError && error.message === complaintOf(id),
    acts: ["throw", "throwLater"],
  },
  { isIt: (error) => error instanceof SerializationError, acts: ["badResult"] },
  {
    isIt: (error) => error instanceof DOMException && error.name === "DataCloneError",
    acts: ["badArgument"],
  },
];

function objectToTimeout({ run, record, task }: Case): Objection {
  if (record.job.options.timeout === undefined) return "times out without a timeout";
  return notesOf(run.ledger, task.id).begun === 0 ? UNNOTED : undefined;
}

function objectToLoss(aCase: Case, error: WorkerLostError): Objection {
  const { run, record, task } = aCase;
  const { begun, values, workers } = notesOf(run.ledger, task.id);
  const worker = numberOf(error.workerName);
  if (!isDoomed(run.ledger, worker)) return `is lost, unplanned: ${inWords(error)}`;
  if (record.job.kind === "broadcast") return undefined;
  if (values > 0) return `is lost after its end with ${doomOf(run.ledger, worker)}`;
  // Three workers died over its chunk, and had begun none of it; or the pool takes it for begun.
  if (error.task === undefined || !run.hasClaims) return undefined;
  if (begun === 0) return UNNOTED;
  if (workers.at(-1) !== worker) {
    return `is lost with ${doomOf(run.ledger, worker)}, but was run by [${workers}]`;
  }
  return begun < runsOf(aCase) ? `is lost with retries left, after ${begun} runs` : undefined;
}

/** An error for people who look for its cause. */
export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (cause: ${inWords(error.cause)})`;
  return `${error.name}: ${error.message}${cause}`;
}
