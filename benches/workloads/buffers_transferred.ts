/**
 * A buffer that goes there and back, handed over instead of copied.
 *
 * @module
 */

import { makeBuffer, measureTrips } from "../round_trips.ts";
import { openWarm, type Workload } from "../workload.ts";

export const workload: Workload<{ trips: number }> = {
  sizes: { full: { trips: 200 }, quick: { trips: 100 }, cold: { trips: 200 } },
  quick: "no peers",
  // Deno's node:worker_threads takes 50 ms a trip.
  limit: 120,
  async measure(contestant, { trips }) {
    const pool = await openWarm(contestant);
    let buffer = makeBuffer();
    return measureTrips(trips, async () => {
      // What was sent is gone; the next trip takes what came back.
      buffer = await pool.call("echo", buffer, [buffer.buffer]) as Uint8Array<ArrayBuffer>;
      return buffer;
    });
  },
};
