/**
 * An ordered map over objects of several shapes.
 *
 * @module
 */

import type { MapSizes } from "../map_calls.ts";
import { mapOf } from "../map_values.ts";
import { toMixed } from "../tasks.js";
import type { Workload } from "../workload.ts";

export const workload: Workload<MapSizes> = mapOf(toMixed);
