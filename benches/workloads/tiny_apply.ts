/**
 * Many tiny tasks, submitted at once.
 *
 * @module
 */

import { callAll, countTo, expectSame, openWarm, timed, type Workload } from "../workload.ts";
import { median } from "../quantiles.ts";

export const workload: Workload<{ tasks: number; repeats: number }> = {
  sizes: { full: { tasks: 50_000, repeats: 3 }, quick: { tasks: 20_000, repeats: 2 } },
  quick: "all",
  async measure(contestant, { tasks, repeats }) {
    const pool = await openWarm(contestant);
    const items = countTo(tasks);
    const rates: number[] = [];
    for (let round = 0; round <= repeats; round++) {
      const [ms, results] = await timed(() => callAll(pool, "increment", items));
      expectSame(results.at(-1), tasks);
      rates.push(tasks / ms * 1000);
    }
    const [first = NaN, ...later] = rates;
    return { tasksPerSecond: median(later), firstTasksPerSecond: first };
  },
};
