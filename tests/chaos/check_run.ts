import type { Transcript } from "./chaos.ts";
import { checkJob } from "./check_job.ts";
import { isEndless } from "./endless.ts";
import { UNNOTED } from "./check_task.ts";
import { countDoomed, notesOf } from "./ledger.ts";
import { checkStats } from "./tally.ts";

/** Most tasks of one run that may have had no time to note their begin. */
const MAX_UNNOTED = 5;

/** What came of a run. */
export interface RunReport {
  readonly seed: number;
  readonly tasks: number;
  /** Workers that tasks ended. */
  readonly deaths: number;
  /** Jobs that were aborted or left. */
  readonly aborts: number;
  /** Tasks that began and did not end before the gate opened, or they were cut off. */
  readonly endless: number;
  /** What went wrong, in plain words. */
  readonly complaints: readonly string[];
}

/** Checks a run. */
export function checkRun(run: Transcript): RunReport {
  const { plan, ledger, records, complaints } = run;
  return {
    seed: plan.seed,
    tasks: plan.size,
    deaths: countDoomed(ledger),
    aborts: records.filter(({ aborted, left }) => aborted || left).length,
    endless: plan.jobs.flatMap(({ tasks }) => tasks.filter(isEndless))
      .filter(({ id }) => notesOf(ledger, id).begun > 0).length,
    // Of a run that did not end, only that is worth saying.
    complaints: complaints.length > 0 ? complaints : check(run),
  };
}

function check(run: Transcript): string[] {
  const found = [...run.records.flatMap((record) => checkJob(run, record)), ...checkStats(run)];
  const isUnnoted = (complaint: string) => complaint.endsWith(UNNOTED);
  const isExcused = found.filter(isUnnoted).length <= MAX_UNNOTED;
  return isExcused ? found.filter((complaint) => !isUnnoted(complaint)) : found;
}
