/**
 * A job, in a program of its own: prettier formats files.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ inputs: number }> = {
  sizes: { full: { inputs: 240 }, quick: { inputs: 24 } },
  quick: "none",
};
