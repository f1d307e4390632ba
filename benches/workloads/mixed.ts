/**
 * A long task, then tiny ones in the same tick: they must not wait behind it.
 *
 * @module
 */

import { callAll, countTo, openWarm, timed, type Workload } from "../workload.ts";

export const workload: Workload<{ longMs: number; tiny: number }> = {
  sizes: { full: { longMs: 200, tiny: 2000 }, quick: { longMs: 200, tiny: 2000 } },
  quick: "no peers",
  async measure(contestant, { longMs, tiny }) {
    const pool = await openWarm(contestant);
    const items = countTo(tiny);
    await callAll(pool, "increment", items);
    const [ms] = await timed(() => {
      void pool.call("spin", longMs);
      return callAll(pool, "increment", items);
    });
    return { allTinyBackMs: ms };
  },
};
