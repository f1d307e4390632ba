/**
 * A buffer that goes there and back, copied each way.
 *
 * @module
 */

import { expectSame, openWarm, timed, type Workload } from "../workload.ts";

const BYTES = 1024 * 1024;

export const workload: Workload<{ trips: number }> = {
  sizes: { full: { trips: 200 }, quick: { trips: 100 } },
  quick: "no peers",
  async measure(contestant, { trips }) {
    const pool = await openWarm(contestant);
    const buffer = new Uint8Array(BYTES).fill(7);
    const trip = async () => {
      const result = await pool.call("echo", buffer) as Uint8Array;
      expectSame(result.length, BYTES);
      expectSame(result[BYTES - 1], 7);
    };
    for (let n = 0; n < 10; n++) await trip();
    const [ms] = await timed(async () => {
      for (let n = 0; n < trips; n++) await trip();
    });
    return { mibPerSecond: trips / ms * 1000 };
  },
};
