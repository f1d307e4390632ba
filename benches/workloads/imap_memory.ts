/**
 * A stream of results over millions of items that a generator makes: memory must not grow.
 *
 * @module
 */

import { rssMib } from "../memory.ts";
import { openWarm, type Workload } from "../workload.ts";

export const workload: Workload<{ million: number }> = {
  sizes: { full: { million: 1_000_000 }, quick: { million: 10_000 } },
  quick: "none",
  rounds: { full: 1 },
  subjectOnly: true,
  limit: 300,
  async measure(contestant, { million }) {
    const pool = await openWarm(contestant);
    const metrics: Record<string, number> = {};
    let read = 0;
    for await (const _ of pool.imap?.("increment", numbers(10 * million)) ?? []) {
      read++;
      if (read === million) metrics["rss1mMib"] = rssMib();
      if (read === 5 * million) metrics["rss5mMib"] = rssMib();
      if (read === 10 * million) metrics["rss10mMib"] = rssMib();
    }
    return metrics;
  },
};

function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}
