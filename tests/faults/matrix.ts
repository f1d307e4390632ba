import { crossings } from "./crossings.ts";
import { deaths } from "./deaths.ts";
import type { FaultGroup } from "./fault.ts";
import { loading } from "./loading.ts";
import { stopping } from "./stopping.ts";
import { values } from "./values.ts";

/** Every fault that the pool is known to survive. */
export const matrix: readonly FaultGroup[] = [deaths, loading, values, stopping, crossings];
