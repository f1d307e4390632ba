/**
 * An ordered map over integers: the work is nothing, the way there and back is all.
 *
 * @module
 */

import { type MapSizes, measureMap } from "../map_calls.ts";
import { countTo, expectSame, openWarm, type Workload } from "../workload.ts";

export const workload: Workload<MapSizes> = {
  sizes: {
    full: { items: 1_000_000, calls: 8, warmUp: 0 },
    quick: { items: 1_000_000, calls: 6, warmUp: 0 },
    cold: { items: 1_000_000, calls: 6, warmUp: 10_000 },
  },
  quick: "all",
  async measure(contestant, sizes) {
    const { items } = sizes;
    const pool = await openWarm(contestant);
    return measureMap(pool, "square", countTo(items), sizes, (results) => {
      expectSame(results.length, items);
      expectSame(results.at(-1), (items - 1) ** 2);
    });
  },
};
