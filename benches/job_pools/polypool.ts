/**
 * This library: the pool's module is the job, and `map` takes its function.
 *
 * @module
 */

import { Pool } from "@polypool/pool";
import type { JobPool } from "../job_pool.ts";

export const jobPool: JobPool = {
  name: "polypool",
  kind: "subject",
  runtimes: ["node24"],
  cannot: {},
  isForJobs: true,
  async runAll({ url, run }, inputs, workers) {
    await using pool = new Pool({ workers, module: url });
    return await pool.map(run, inputs);
  },
};
