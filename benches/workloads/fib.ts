/**
 * Work that only computes: two workers can at best be twice as fast.
 *
 * @module
 */

import { fib } from "../tasks.js";
import { callAll, expectSame, openWarm, timed, type Workload } from "../workload.ts";

export const workload: Workload<{ tasks: number; n: number }> = {
  sizes: { full: { tasks: 64, n: 29 }, quick: { tasks: 64, n: 28 } },
  quick: "no peers",
  async measure(contestant, { tasks, n }) {
    for (let run = 0; run < 50; run++) fib(20);
    const [serial] = await timed(() => {
      for (let run = 0; run < tasks; run++) fib(n);
    });
    const pool = await openWarm(contestant);
    await callAll(pool, "fib", Array.from({ length: 100 }, () => 20));
    const items = Array.from({ length: tasks }, () => n);
    const [parallel, results] = await timed(() => callAll(pool, "fib", items));
    expectSame(results.at(-1), fib(n));
    return { speedup: serial / parallel };
  },
};
