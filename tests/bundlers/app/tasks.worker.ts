import { serve } from "@polypool/pool/worker";
import * as tasks from "./tasks.ts";

serve(tasks);
