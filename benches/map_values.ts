/**
 * Workloads that are one ordered map over values, each of which comes back as it is.
 *
 * @module
 */

import { type MapSizes, measureMap } from "./map_calls.ts";
import { countTo, expectSame, openWarm, type Workload } from "./workload.ts";

const ITEMS = { items: 100_000, warmUp: 2_000 };

/** Makes the workload of the values that a function makes of the numbers from 0 on. */
export function mapOf(toValue: (id: number) => unknown): Workload<MapSizes> {
  return {
    sizes: {
      full: { ...ITEMS, calls: 8 },
      quick: { ...ITEMS, calls: 6 },
      cold: { ...ITEMS, calls: 6 },
    },
    quick: "none",
    async measure(contestant, sizes) {
      const { items } = sizes;
      const pool = await openWarm(contestant);
      const values = countTo(items).map(toValue);
      return measureMap(pool, "identity", values, sizes, (results) => {
        expectSame(results.length, items);
        expectSame(JSON.stringify(results.at(-1)), JSON.stringify(values.at(-1)));
      });
    },
  };
}
