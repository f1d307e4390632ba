/**
 * A job, in a program of its own: JSON lines are parsed, a mebibyte a task.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ inputs: number }> = {
  sizes: { full: { inputs: 80 }, quick: { inputs: 8 } },
  quick: "none",
};
