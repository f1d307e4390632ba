/**
 * An ordered map over small objects.
 *
 * @module
 */

import { type MapSizes, measureMap } from "../map_calls.ts";
import { type Point, toPoint } from "../tasks.js";
import { countTo, expectSame, openWarm, type Workload } from "../workload.ts";

export const workload: Workload<MapSizes> = {
  sizes: {
    full: { items: 100_000, calls: 8, warmUp: 0 },
    quick: { items: 100_000, calls: 6, warmUp: 0 },
    cold: { items: 100_000, calls: 6, warmUp: 2_000 },
  },
  quick: "all",
  async measure(contestant, sizes) {
    const { items } = sizes;
    const pool = await openWarm(contestant);
    const points = countTo(items).map(toPoint);
    return measureMap(pool, "scale", points, sizes, (results) => {
      expectSame(results.length, items);
      const last = results.at(-1) as Point;
      expectSame(last.x, 2 * (items - 0.5));
    });
  },
};
