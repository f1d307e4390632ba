/**
 * Runs a plan on a real pool.
 *
 * @module
 */

import { fromModule, Pool, type PoolStats } from "../../mod.ts";
import { perform } from "./callers.ts";
import { doomOf, type Ledger, makeLedger, notesOf } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import { JobRecord } from "./record.ts";
import { Watchdog } from "./watchdog.ts";

const { initialize } = fromModule<typeof import("./tasks.ts")>(
  new URL("./tasks.ts", import.meta.url),
);

/** Longest that a pool without work may seem busy, as killed workers take their time, in ms. */
const IDLE_MS = 10_000;

/** Most tasks of one job that are named when nothing happens any more. */
const MAX_NAMED = 5;

/** What a run was like. */
export interface Transcript {
  readonly plan: Plan;
  readonly ledger: Ledger;
  /** Whether the pool can know what a dead worker had begun. */
  readonly hasClaims: boolean;
  readonly records: readonly JobRecord[];
  /** What the pool counted, after its end. */
  readonly stats: PoolStats;
  /** What went wrong that is no single job's fault. */
  readonly complaints: readonly string[];
}

/** A run that goes on. */
interface Run extends Transcript {
  readonly pool: Pool;
  readonly complaints: string[];
}

/** Runs a plan to its end, or until nothing happens any more. */
export function runPlan(plan: Plan): Promise<Transcript> {
  return runWith(plan, makeLedger(plan.size), true);
}

/** Runs a plan as where the platform shares no memory: all but the ledger goes by messages. */
export async function runPlanUnshared(plan: Plan): Promise<Transcript> {
  const ledger = makeLedger(plan.size);
  const { SharedArrayBuffer } = globalThis;
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  try {
    return await runWith(plan, ledger, false);
  } finally {
    Object.assign(globalThis, { SharedArrayBuffer });
  }
}

async function runWith(plan: Plan, ledger: Ledger, hasClaims: boolean): Promise<Transcript> {
  const watchdog = new Watchdog();
  const records = plan.jobs.map((job) => new JobRecord(job, () => watchdog.pat()));
  const { workers, minWorkers, maxTasksPerWorker, abortGrace } = plan;
  const initializer = initialize;
  const pool = new Pool({ workers, minWorkers, maxTasksPerWorker, abortGrace, initializer });
  const run: Run = {
    ...{ plan, pool, records, ledger, hasClaims, complaints: [] },
    get stats() {
      return pool.stats();
    },
  };
  try {
    await watchdog.guard(callAll(run), () => describePending(run));
    await watchdog.guard(pool.join(), () => `join(), with ${JSON.stringify(run.stats)}`);
  } catch (error) {
    run.complaints.push(error instanceof Error ? error.message : String(error));
    await Promise.race([pool.terminate(), new Promise((wake) => setTimeout(wake, IDLE_MS))]);
  }
  return run;
}

/** Some callers share the jobs; once the last one is submitted, the pool may end at any time. */
async function callAll(run: Run): Promise<void> {
  const { plan, pool, ledger, records } = run;
  let next = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const call = async () => {
    for (let record = records[next++]; record !== undefined; record = records[next++]) {
      const done = perform({ pool, ledger, record });
      if (next === records.length) timer = setTimeout(() => endEarly(run), plan.patience);
      await done;
    }
  };
  await Promise.all(Array.from({ length: plan.callers }, call));
  clearTimeout(timer);
  if (plan.ending === "drain") await whenIdle(run);
  pool.close();
}

function endEarly({ plan, pool }: Run): void {
  if (plan.ending === "close") pool.close();
  if (plan.ending === "terminate") void pool.terminate();
}

/** A pool whose jobs are over has nothing to do, as soon as aborted tasks have ended. */
async function whenIdle(run: Run): Promise<void> {
  const end = performance.now() + IDLE_MS;
  const isIdle = ({ busy, running, queued }: PoolStats) => busy + running + queued === 0;
  while (!isIdle(run.stats)) {
    if (performance.now() > end) {
      run.complaints.push(`all jobs are over, and the pool is busy: ${JSON.stringify(run.stats)}`);
      return;
    }
    await new Promise((wake) => setTimeout(wake, 5));
  }
}

function describePending(run: Run): string {
  const pending = run.records.filter(({ over, submitted }) => submitted && !over);
  return [...pending.map((record) => describeJob(run, record)), JSON.stringify(run.stats)].join(
    "; ",
  );
}

/** Names tasks of a job that have begun, and of whose end nobody has heard. */
function describeJob({ ledger }: Run, { job, outcomes }: JobRecord): string {
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
