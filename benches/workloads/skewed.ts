/**
 * A map whose last items take a hundred times longer: no worker may be left with all of them.
 *
 * @module
 */

import { mapUneven } from "../map_calls.ts";
import { countTo, openWarm, timed, WORKERS, type Workload } from "../workload.ts";

export const workload: Workload<{ items: number; shortMs: number; longMs: number }> = {
  sizes: {
    full: { items: 1000, shortMs: 0.5, longMs: 50 },
    quick: { items: 1000, shortMs: 0.5, longMs: 50 },
  },
  quick: "no peers",
  async measure(contestant, { items, shortMs, longMs }) {
    const pool = await openWarm(contestant);
    const times = countTo(items).map((n) => n < items * 0.99 ? shortMs : longMs);
    const ideal = times.reduce((sum, ms) => sum + ms) / WORKERS;
    const [ms] = await timed(() => mapUneven(pool, "spin", times));
    return { overIdeal: ms / ideal };
  },
};
