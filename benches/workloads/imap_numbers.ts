/**
 * An ordered stream of results, read one by one: what a reader pays for each.
 *
 * @module
 */

import process from "node:process";
import type { OpenPool } from "../contestant.ts";
import { countTo, cpuMsSince, expectSame, openWarm, timed, type Workload } from "../workload.ts";

const ITEMS = { items: 1_000_000, warmUp: 10_000 };

export const workload: Workload<{ items: number; warmUp: number }> = {
  sizes: { full: ITEMS, quick: ITEMS, cold: ITEMS },
  quick: "none",
  subjectOnly: true,
  async measure(contestant, { items, warmUp }) {
    const pool = await openWarm(contestant);
    const numbers = countTo(items);
    expectSame(await readAll(pool, numbers.slice(0, warmUp)), warmUp);
    const before = process.cpuUsage();
    const [ms, read] = await timed(() => readAll(pool, numbers));
    expectSame(read, items);
    return { firstItemsPerSecond: items / ms * 1000, firstCpuMs: cpuMsSince(before) };
  },
};

async function readAll(pool: OpenPool, numbers: readonly number[]): Promise<number> {
  let read = 0;
  for await (const _ of pool.imap?.("square", numbers) ?? []) read++;
  return read;
}
