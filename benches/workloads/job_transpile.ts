/**
 * A job, in a program of its own: typescript turns files into JavaScript.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ inputs: number }> = {
  sizes: { full: { inputs: 250 }, quick: { inputs: 25 } },
  quick: "none",
};
