/**
 * Runs a plan on a real pool.
 *
 * @module
 */

import { fromModule, Pool, type PoolStats } from "../../mod.ts";
import { perform } from "./callers.ts";
import { describePending } from "./describe.ts";
import { type Ledger, makeLedger } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import { JobRecord } from "./record.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import { mayLast } from "./waits.ts";
import { Watchdog } from "./watchdog.ts";

const { initialize } = fromModule<typeof import("./tasks.ts")>(
  new URL("./tasks.ts", import.meta.url),
);

/** Longest that a pool without work may seem busy, as killed workers take their time, in ms. */
const IDLE_MS = 10_000;

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
  const gatekeeper = new Gatekeeper(run, (complaint) => void run.complaints.push(complaint));
  try {
    await watchdog.guard(callAll(run, gatekeeper), () => describePending(run));
    await watchdog.guard(pool.join(), () => `join(), with ${JSON.stringify(run.stats)}`);
  } catch (error) {
    run.complaints.push(error instanceof Error ? error.message : String(error));
    gatekeeper.stop();
    await Promise.race([pool.terminate(), new Promise((wake) => setTimeout(wake, IDLE_MS))]);
  }
  return run;
}

/** Some callers share the jobs; once the last one is submitted, the pool may end at any time. */
async function callAll(run: Run, gatekeeper: Gatekeeper): Promise<void> {
  const { plan, pool, ledger, records } = run;
  let next = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lasting: Promise<void>[] = [];
  const call = async () => {
    for (let record = records[next++]; record !== undefined; record = records[next++]) {
      const done = perform({ pool, ledger, record });
      if (next === records.length) {
        timer = setTimeout(() => endEarly(run, gatekeeper), plan.patience);
      }
      if (mayLast(run, record.job)) lasting.push(done);
      else await done;
    }
  };
  await Promise.all(Array.from({ length: plan.callers }, call));
  await gatekeeper.end();
  await Promise.all(lasting);
  clearTimeout(timer);
  if (plan.ending === "drain") await whenIdle(run);
  pool.close();
}

function endEarly({ plan, pool }: Run, gatekeeper: Gatekeeper): void {
  if (plan.ending === "close") pool.close();
  if (plan.ending !== "terminate") return;
  // On Deno nothing ends a thread that is blocked.
  gatekeeper.stop();
  void pool.terminate();
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
