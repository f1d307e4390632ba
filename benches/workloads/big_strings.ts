/**
 * Long strings as arguments, all at once.
 *
 * @module
 */

import { callAll, expectSame, openWarm, timed, type Workload } from "../workload.ts";

export const workload: Workload<{ strings: number; length: number }> = {
  sizes: { full: { strings: 20, length: 1e7 }, quick: { strings: 4, length: 1e7 } },
  quick: "none",
  rounds: { full: 3 },
  async measure(contestant, { strings, length }) {
    const pool = await openWarm(contestant);
    // Decoded, so that it lies in memory as a whole from the start.
    const text = new TextDecoder().decode(new Uint8Array(length).fill(97));
    const items = Array.from({ length: strings }, () => text);
    const [ms, results] = await timed(() => callAll(pool, "length", items));
    expectSame(results.at(-1), length);
    return { mibPerSecond: strings * length / 1024 / 1024 / ms * 1000 };
  },
};
