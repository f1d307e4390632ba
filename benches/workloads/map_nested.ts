/**
 * An ordered map over objects that hold an object each.
 *
 * @module
 */

import type { MapSizes } from "../map_calls.ts";
import { mapOf } from "../map_values.ts";
import { toNested } from "../tasks.js";
import type { Workload } from "../workload.ts";

export const workload: Workload<MapSizes> = mapOf(toNested);
