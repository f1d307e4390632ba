/**
 * A buffer that goes there and back, copied each way.
 *
 * @module
 */

import { makeBuffer, measureTrips } from "../round_trips.ts";
import { openWarm, type Workload } from "../workload.ts";

export const workload: Workload<{ trips: number }> = {
  sizes: { full: { trips: 200 }, quick: { trips: 100 } },
  quick: "no peers",
  // Deno's node:worker_threads takes 50 ms a trip.
  limit: 120,
  async measure(contestant, { trips }) {
    const pool = await openWarm(contestant);
    const buffer = makeBuffer();
    return measureTrips(trips, async () => await pool.call("echo", buffer) as Uint8Array);
  },
};
