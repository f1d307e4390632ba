/**
 * Many tiny tasks, submitted at once.
 *
 * @module
 */

import process from "node:process";
import {
  callAll,
  countTo,
  cpuMsSince,
  expectSame,
  openWarm,
  timed,
  type Workload,
} from "../workload.ts";
import { median } from "../quantiles.ts";

export const workload: Workload<{ tasks: number; repeats: number; warmUp: number }> = {
  sizes: {
    full: { tasks: 50_000, repeats: 3, warmUp: 0 },
    quick: { tasks: 20_000, repeats: 2, warmUp: 0 },
    cold: { tasks: 50_000, repeats: 1, warmUp: 5_000 },
  },
  quick: "all",
  async measure(contestant, { tasks, repeats, warmUp }) {
    const pool = await openWarm(contestant);
    const items = countTo(tasks);
    await callAll(pool, "increment", items.slice(0, warmUp));
    const rates: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round <= repeats; round++) {
      const before = process.cpuUsage();
      const [ms, results] = await timed(() => callAll(pool, "increment", items));
      cpu.push(cpuMsSince(before));
      expectSame(results.at(-1), tasks);
      rates.push(tasks / ms * 1000);
    }
    const [firstTasksPerSecond = NaN, ...later] = rates;
    const [firstCpuMs = NaN] = cpu;
    return { tasksPerSecond: median(later), firstTasksPerSecond, firstCpuMs };
  },
};
