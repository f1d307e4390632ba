import { Pool } from "@polypool/pool";
import { inlineTries } from "./inline_tries.ts";
import { report } from "./report.ts";

const pool = new Pool({ workers: 0 });
void report(pool, inlineTries(pool));
