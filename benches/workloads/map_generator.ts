/**
 * An ordered map over integers that a generator gives: how many there are is not known before.
 *
 * @module
 */

import process from "node:process";
import { cpuMsSince, expectSame, openWarm, timed, type Workload } from "../workload.ts";

const ITEMS = { items: 1_000_000, warmUp: 10_000 };

export const workload: Workload<{ items: number; warmUp: number }> = {
  sizes: { full: ITEMS, quick: ITEMS, cold: ITEMS },
  quick: "none",
  subjectOnly: true,
  async measure(contestant, { items, warmUp }) {
    const pool = await openWarm(contestant);
    await pool.map?.("square", numbers(warmUp));
    const before = process.cpuUsage();
    const [ms, results] = await timed(() => pool.map?.("square", numbers(items)));
    expectSame(results?.length, items);
    return { firstItemsPerSecond: items / ms * 1000, firstCpuMs: cpuMsSince(before) };
  },
};

function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}
