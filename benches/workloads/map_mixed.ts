/**
 * An ordered map over objects of several shapes.
 *
 * @module
 */

import { type MapSizes, measureMap } from "../map_calls.ts";
import { toMixed } from "../tasks.js";
import { countTo, expectSame, openWarm, type Workload } from "../workload.ts";

const ITEMS = { items: 100_000, warmUp: 2_000 };

export const workload: Workload<MapSizes> = {
  sizes: {
    full: { ...ITEMS, calls: 8 },
    quick: { ...ITEMS, calls: 6 },
    cold: { ...ITEMS, calls: 6 },
  },
  quick: "none",
  async measure(contestant, sizes) {
    const { items } = sizes;
    const pool = await openWarm(contestant);
    const values = countTo(items).map(toMixed);
    return measureMap(pool, "identity", values, sizes, (results) => {
      expectSame(results.length, items);
      expectSame(JSON.stringify(results.at(-1)), JSON.stringify(values.at(-1)));
    });
  },
};
