/**
 * A map over integers by the library's own means: where it has no map, a task for each item.
 *
 * @module
 */

import { mapEach } from "../map_calls.ts";
import { countTo, expectSame, openWarm, timed, type Workload } from "../workload.ts";

export const workload: Workload<{ items: number }> = {
  sizes: { full: { items: 1_000_000 }, quick: { items: 100_000 } },
  quick: "none",
  rounds: { full: 2 },
  async measure(contestant, { items }) {
    const pool = await openWarm(contestant);
    const numbers = countTo(items);
    const [ms, results] = await timed(() => mapEach(pool, "square", numbers));
    expectSame(results.at(-1), (items - 1) ** 2);
    return { itemsPerSecond: items / ms * 1000 };
  },
};
