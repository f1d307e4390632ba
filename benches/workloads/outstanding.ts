/**
 * Ever more tiny tasks that wait at once: what each costs must not grow with their number.
 *
 * @module
 */

import type { OpenPool } from "../contestant.ts";
import { peakRssMib } from "../memory.ts";
import { median } from "../quantiles.ts";
import { callAll, countTo, expectSame, openWarm, timed, type Workload } from "../workload.ts";

/** By the name of the metric; small sizes are repeated, for one run of them is over too soon. */
const SIZES = [
  { name: "us1k", tasks: 1000, repeats: 41 },
  { name: "us10k", tasks: 10_000, repeats: 5 },
  { name: "us100k", tasks: 100_000, repeats: 1 },
  { name: "us500k", tasks: 500_000, repeats: 1 },
] as const;

export const workload: Workload<{ patience: number }> = {
  // The patience is in seconds: beyond it larger sizes are given up, for some would need hours.
  sizes: { full: { patience: 20 }, quick: { patience: 5 } },
  quick: "no peers",
  rounds: { quick: 1, full: 3 },
  async measure(contestant, { patience }) {
    const pool = await openWarm(contestant);
    const metrics: Record<string, number> = {};
    for (const { name, tasks, repeats } of SIZES) {
      const run = measureSize(pool, tasks, repeats);
      const us = await Promise.race([run, giveUpAfter(patience)]);
      if (us === undefined) return metrics;
      metrics[name] = us;
    }
    metrics["peakRssMib"] = peakRssMib();
    return metrics;
  },
};

/** Says how many microseconds each task takes. */
async function measureSize(pool: OpenPool, tasks: number, repeats: number): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const items = countTo(tasks);
    const [ms, results] = await timed(() => callAll(pool, "increment", items));
    times.push(ms);
    expectSame(results.at(-1), tasks);
  }
  return median(times) / tasks * 1000;
}

function giveUpAfter(seconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000, undefined));
}
