/**
 * A worker's file that serves the tasks of the fault matrix.
 *
 * @module
 */

import { serve } from "../../worker.ts";
import * as tasks from "./tasks.ts";

serve(tasks);
