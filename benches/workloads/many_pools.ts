/**
 * Many pools at once, each with tiny tasks: from the first constructor to the last result.
 *
 * @module
 */

import type { Contestant } from "../contestant.ts";
import { callAll, countTo, expectSame, timed, WORKERS, type Workload } from "../workload.ts";

export const workload: Workload<{ pools: number; tasks: number }> = {
  sizes: { full: { pools: 20, tasks: 1000 }, quick: { pools: 4, tasks: 1000 } },
  quick: "none",
  rounds: { full: 3 },
  async measure(contestant, { pools, tasks }) {
    const [ms] = await timed(() =>
      Promise.all(countTo(pools).map(() => useOne(contestant, countTo(tasks))))
    );
    return { ms };
  },
};

async function useOne(contestant: Contestant, items: readonly number[]): Promise<void> {
  const pool = await contestant.open(WORKERS);
  const results = await callAll(pool, "increment", items);
  expectSame(results.at(-1), items.length);
}
