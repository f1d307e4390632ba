/**
 * From the start of a process to the first result of a pool, and to the end of the process. The
 * parent measures it, with `start.ts` of the folder above; "empty" is a script that does nothing.
 *
 * @module
 */

import type { Workload } from "../workload.ts";

export const workload: Workload<{ starts: number }> = {
  sizes: { full: { starts: 10 }, quick: { starts: 4 }, cold: { starts: 1 } },
  quick: "all",
};
