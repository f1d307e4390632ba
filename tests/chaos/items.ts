/**
 * What callers submit: the tasks of a job, in the shape that a pool method takes.
 *
 * @module
 */

import type { Ledger } from "./ledger.ts";
import type { PlannedTask } from "./plan.ts";
import type { JobRecord } from "./record.ts";
import type { WorkItem } from "./tasks.ts";

/** Whose tasks they are. */
interface Submission {
  readonly ledger: Ledger;
  readonly record: JobRecord;
}

type Arguments = [ledger: Ledger, task: PlannedTask, poison?: () => void];
type Input<T> = Iterable<T> | AsyncIterable<T>;

/** A task as a list of arguments. */
export function argumentsOf({ ledger }: Submission, task: PlannedTask): Arguments {
  const poison = poisonOf(task);
  return poison === undefined ? [ledger, task] : [ledger, task, poison];
}

/** All tasks of a job as lists of arguments. */
export function argumentListsOf(submission: Submission): Input<Arguments> {
  return inputOf(submission, (task) => argumentsOf(submission, task));
}

/** All tasks of a job as single items. */
export function itemsOf(submission: Submission): Input<WorkItem> {
  return inputOf(submission, (task) => {
    const [ledger, , poison] = argumentsOf(submission, task);
    return poison === undefined ? { ledger, task } : { ledger, task, poison };
  });
}

function poisonOf({ act }: PlannedTask): (() => void) | undefined {
  return act === "badArgument" ? () => {} : undefined;
}

function inputOf<T>({ record }: Submission, itemOf: (task: PlannedTask) => T): Input<T> {
  const { job, inputError } = record;
  function* generate() {
    for (const task of job.tasks) yield itemOf(task);
    if (job.inputThrows) throw inputError;
  }
  async function* generateSlowly() {
    for (const item of generate()) {
      if (job.number % 2 === 0) await new Promise((wake) => setTimeout(wake));
      yield item;
    }
  }
  if (job.input === "asyncGenerator") return generateSlowly();
  // An array cannot throw.
  return job.input === "array" && !job.inputThrows ? [...generate()] : generate();
}
