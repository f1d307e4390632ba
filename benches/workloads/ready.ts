/**
 * From the start of a process to the moment when both workers of a pool are up, and to its end. The
 * parent measures it, with `ready.ts` of the folder above.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ starts: number }> = {
  sizes: { full: { starts: 10 }, quick: { starts: 4 }, cold: { starts: 1 } },
  quick: "none",
};
