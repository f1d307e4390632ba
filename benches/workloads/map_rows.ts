/**
 * An ordered map over rows of JSON: objects with a list in each.
 *
 * @module
 */

import type { MapSizes } from "../map_calls.ts";
import { mapOf } from "../map_values.ts";
import { toRow } from "../tasks.js";
import type { Workload } from "../workload.ts";

export const workload: Workload<MapSizes> = mapOf(toRow);
