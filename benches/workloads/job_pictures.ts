/**
 * A job, in a program of its own: pngjs decodes pictures, and encodes them in grey.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ inputs: number }> = {
  sizes: { full: { inputs: 40 }, quick: { inputs: 4 } },
  quick: "none",
};
