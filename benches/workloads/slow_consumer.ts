/**
 * Results of 64 KiB for a reader that is slower than the workers: they must not pile up.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { peakRssMib } from "../memory.ts";
import { expectSame, openWarm, timed, type Workload } from "../workload.ts";

const BYTES = 64 * 1024;

export const workload: Workload<{ items: number; pauseMs: number }> = {
  sizes: { full: { items: 8000, pauseMs: 1 }, quick: { items: 1000, pauseMs: 1 } },
  quick: "none",
  rounds: { full: 3 },
  subjectOnly: true,
  async measure(contestant, { items, pauseMs }) {
    const pool = await openWarm(contestant);
    let read = 0;
    const [ms] = await timed(async () => {
      for await (const _ of pool.imap?.("echo", buffers(items)) ?? []) {
        read++;
        await sleep(pauseMs);
      }
    });
    expectSame(read, items);
    return { peakRssMib: peakRssMib(), ms };
  },
};

function* buffers(count: number): Generator<Uint8Array> {
  for (let n = 0; n < count; n++) yield new Uint8Array(BYTES);
}
