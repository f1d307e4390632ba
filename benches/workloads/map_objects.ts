/**
 * An ordered map over small objects.
 *
 * @module
 */

import { measureMap } from "../map_calls.ts";
import { type Point, toPoint } from "../tasks.js";
import { countTo, expectSame, openWarm, type Workload } from "../workload.ts";

export const workload: Workload<{ items: number; calls: number }> = {
  sizes: { full: { items: 100_000, calls: 8 }, quick: { items: 100_000, calls: 6 } },
  quick: "all",
  async measure(contestant, { items, calls }) {
    const pool = await openWarm(contestant);
    const points = countTo(items).map(toPoint);
    return measureMap(pool, "scale", points, calls, (results) => {
      expectSame(results.length, items);
      const last = results.at(-1) as Point;
      expectSame(last.x, 2 * (items - 0.5));
    });
  },
};
