/**
 * Tasks that do not end before the gate of the run opens: all others have to settle beside them.
 *
 * @module
 */

import type { Random } from "./random.ts";
import type { Act, PlannedJob, PlannedTask } from "./plan.ts";

/** One has its thread blocked, the other leaves it free. */
const ENDLESS_ACTS: readonly Act[] = ["block", "pend"];

/** When they end all the same, if the gate stays shut, in ms: for the run, and for each task. */
const LIMIT = { run: 20_000, task: 30 };

/** Whether a task lasts until the gate opens, unless it is cut off or its worker dies. */
export function isEndless({ act }: PlannedTask): boolean {
  return ENDLESS_ACTS.includes(act);
}

/** Whether some task of a job lasts until the gate opens, unless it is cut off. */
export function hasEndless({ tasks }: PlannedJob): boolean {
  return tasks.some(isEndless);
}

/** Acts that take their time, without which many tasks go in one message. */
const SLOW_ACTS: readonly Act[] = ["busy", "nap"];

/** Lets a few tasks of a plan, or none, have no end: always fewer than there are workers. */
export function withEndless(
  random: Random,
  jobs: readonly PlannedJob[],
  size: number,
): readonly PlannedJob[] {
  // A broadcast would have one for each worker.
  const candidates = jobs.filter(({ kind }) => kind !== "broadcast");
  const isBrisk = random.chance(60);
  const acts = new Map<number, Act>();
  for (let left = candidates.length > 0 ? random.oneOf([0, 1, 1, 2, 2]) : 0; left > 0; left--) {
    acts.set(random.oneOf(random.oneOf(candidates).tasks).id, random.oneOf(ENDLESS_ACTS));
  }
  if (acts.size === 0) return jobs;
  const ms = LIMIT.run + LIMIT.task * size;
  const taskOf = (task: PlannedTask): PlannedTask => {
    const act = acts.get(task.id);
    if (act !== undefined) return { ...task, act, ms };
    return isBrisk && SLOW_ACTS.includes(task.act) ? { ...task, act: "value" } : task;
  };
  return jobs.map((job) => ({ ...job, tasks: job.tasks.map(taskOf) }));
}
