/**
 * An ordered map over texts of 200 characters.
 *
 * @module
 */

import type { MapSizes } from "../map_calls.ts";
import { mapOf } from "../map_values.ts";
import { toText } from "../tasks.js";
import type { Workload } from "../workload.ts";

export const workload: Workload<MapSizes> = mapOf(toText);
