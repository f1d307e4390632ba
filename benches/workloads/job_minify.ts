/**
 * A job, in a program of its own: terser minifies files, most of which are small.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ inputs: number }> = {
  sizes: { full: { inputs: 600 }, quick: { inputs: 60 } },
  quick: "none",
};
