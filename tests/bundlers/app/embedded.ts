import { Pool } from "@polypool/pool";
import { embeddedWorker } from "@polypool/pool/embedded";
import { inlineTries } from "./inline_tries.ts";
import { report } from "./report.ts";

const pool = new Pool({ workers: 2, worker: embeddedWorker });
void report(pool, inlineTries(pool));
