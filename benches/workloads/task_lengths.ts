/**
 * From which length of a task on a pool pays: the same work, in this thread and in the pool.
 *
 * @module
 */

import type { OpenPool } from "../contestant.ts";
import { churn } from "../tasks.js";
import { callAll, countTo, openWarm, timed, type Workload } from "../workload.ts";

/** Lengths of a task in microseconds, by the name that metrics end with. */
const LENGTHS = { "1us": 1, "10us": 10, "100us": 100, "1ms": 1e3, "10ms": 1e4, "100ms": 1e5 };

export const workload: Workload<{ totalMs: number }> = {
  // How long the work of one length takes in this thread.
  sizes: { full: { totalMs: 500 }, quick: { totalMs: 100 } },
  quick: "none",
  rounds: { full: 3 },
  subjectOnly: true,
  async measure(contestant, { totalMs }) {
    const stepsPerUs = calibrate();
    const pool = await openWarm(contestant);
    const metrics: Record<string, number> = {};
    for (const [name, us] of Object.entries(LENGTHS)) {
      // A multiple of two, so that two workers have the same to do.
      const tasks = 2 * Math.ceil(totalMs * 1000 / us / 2);
      const items = countTo(tasks).map(() => Math.round(us * stepsPerUs));
      const [serial, map, apply] = await measureLength(pool, items);
      metrics[`speedup${name}`] = serial / map;
      metrics[`applySpeedup${name}`] = serial / apply;
    }
    return metrics;
  },
};

/** Says how many steps of the task take a microsecond. */
function calibrate(): number {
  for (let run = 0; run < 200; run++) churn(10_000);
  const steps = 20_000_000;
  const start = performance.now();
  churn(steps);
  return steps / ((performance.now() - start) * 1000);
}

async function measureLength(
  pool: OpenPool,
  items: readonly number[],
): Promise<[serial: number, map: number, apply: number]> {
  const [serial] = await timed(() => {
    for (const steps of items) churn(steps);
  });
  const [map] = await timed(() => pool.map?.("churn", items));
  const [apply] = await timed(() => callAll(pool, "churn", items));
  return [serial, map, apply];
}
