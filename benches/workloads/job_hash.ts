/**
 * A job, in a program of its own: bcryptjs hashes passwords, which is slow by intent.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ inputs: number }> = {
  sizes: { full: { inputs: 120 }, quick: { inputs: 12 } },
  quick: "none",
};
