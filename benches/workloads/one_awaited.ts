/**
 * Tiny tasks one after the other: each waits for the one before it.
 *
 * @module
 */

import process from "node:process";
import { cpuMsSince, expectSame, openWarm, type Workload } from "../workload.ts";
import { quantile } from "../quantiles.ts";

export const workload: Workload<{ warmUp: number; tasks: number }> = {
  sizes: {
    full: { warmUp: 500, tasks: 5000 },
    quick: { warmUp: 500, tasks: 2000 },
    cold: { warmUp: 500, tasks: 5000 },
  },
  quick: "all",
  isPinned: true,
  async measure(contestant, { warmUp, tasks }) {
    const pool = await openWarm(contestant);
    const times: number[] = [];
    let before = process.cpuUsage();
    for (let n = 0; n < warmUp + tasks; n++) {
      if (n === warmUp) before = process.cpuUsage();
      const start = performance.now();
      const result = await pool.call("increment", n);
      const ms = performance.now() - start;
      expectSame(result, n + 1);
      if (n >= warmUp) times.push(ms * 1000);
    }
    const cpuUs = cpuMsSince(before) * 1000 / tasks;
    return { p50Us: quantile(times, 0.5), p99Us: quantile(times, 0.99), cpuUs };
  },
};
