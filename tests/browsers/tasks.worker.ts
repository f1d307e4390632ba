/**
 * A worker's file that serves tasks.
 *
 * @module
 */

import { serve } from "../../worker.ts";
import * as tasks from "./tasks.ts";

serve(tasks);
