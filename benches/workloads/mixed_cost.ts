/**
 * Tasks of all lengths between 10 microseconds and 2 milliseconds, in no order.
 *
 * @module
 */

import { callAll, countTo, openWarm, timed, type Workload } from "../workload.ts";

export const workload: Workload<{ tasks: number }> = {
  sizes: { full: { tasks: 2000 }, quick: { tasks: 500 } },
  quick: "no peers",
  async measure(contestant, { tasks }) {
    const pool = await openWarm(contestant);
    const lengths = shuffled(countTo(tasks).map((n) => 0.01 + 1.99 * n / (tasks - 1)));
    const [ms] = await timed(() => callAll(pool, "spin", lengths));
    return { ms };
  },
};

/** Always in the same order, by a generator of numbers with a fixed seed. */
function shuffled(items: readonly number[]): number[] {
  const keyed: { key: number; item: number }[] = [];
  let key = 12345;
  for (const item of items) {
    key = (Math.imul(key, 1_103_515_245) + 12_345) >>> 0;
    keyed.push({ key, item });
  }
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
