/**
 * A buffer that goes there and back, again and again.
 *
 * @module
 */

import type { Metrics } from "./contestant.ts";
import { expectSame, timed } from "./workload.ts";

const BYTES = 1024 * 1024;

/** Makes the buffer, of 1 MiB. */
export function makeBuffer(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(BYTES).fill(7);
}

/** Trips between the first that are measured and the last, for each of those: so late is all code compiled. */
const WARM_UP = 4;

/** Measures trips that each give the buffer back: the first so many, and as many once code is warm. */
export async function measureTrips(
  trips: number,
  trip: () => Promise<Uint8Array>,
): Promise<Metrics> {
  const travel = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const result = await trip();
      expectSame(result.length, BYTES);
      expectSame(result[BYTES - 1], 7);
    }
  };
  const rate = async () => {
    const [ms] = await timed(() => travel(trips));
    return trips / ms * 1000;
  };
  await travel(10);
  const firstMibPerSecond = await rate();
  await travel(WARM_UP * trips);
  return { mibPerSecond: await rate(), firstMibPerSecond };
}
