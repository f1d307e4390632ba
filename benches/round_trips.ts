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

/** Measures trips that each give the buffer back: the first so many, and as many once code is warm. */
export async function measureTrips(
  trips: number,
  trip: () => Promise<Uint8Array>,
): Promise<Metrics> {
  const checked = async () => {
    const result = await trip();
    expectSame(result.length, BYTES);
    expectSame(result[BYTES - 1], 7);
  };
  const rate = async () => {
    const [ms] = await timed(async () => {
      for (let n = 0; n < trips; n++) await checked();
    });
    return trips / ms * 1000;
  };
  for (let n = 0; n < 10; n++) await checked();
  const firstMibPerSecond = await rate();
  return { mibPerSecond: await rate(), firstMibPerSecond };
}
