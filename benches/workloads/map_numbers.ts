/**
 * An ordered map over integers: the work is nothing, the way there and back is all.
 *
 * @module
 */

import { measureMap } from "../map_calls.ts";
import { countTo, expectSame, openWarm, type Workload } from "../workload.ts";

export const workload: Workload<{ items: number; calls: number }> = {
  sizes: { full: { items: 1_000_000, calls: 8 }, quick: { items: 1_000_000, calls: 6 } },
  quick: "all",
  async measure(contestant, { items, calls }) {
    const pool = await openWarm(contestant);
    return measureMap(pool, "square", countTo(items), calls, (results) => {
      expectSame(results.length, items);
      expectSame(results.at(-1), (items - 1) ** 2);
    });
  },
};
