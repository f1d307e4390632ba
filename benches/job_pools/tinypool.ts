/**
 * Tinypool: the pool's file is the job, and each input is a run.
 *
 * @module
 */

import { Tinypool } from "tinypool";
import type { JobPool } from "../job_pool.ts";

export const jobPool: JobPool = {
  name: "tinypool",
  kind: "peer",
  runtimes: ["node24"],
  cannot: {},
  isForJobs: true,
  async runAll({ url }, inputs, workers) {
    const limits = { minThreads: workers, maxThreads: workers };
    const pool = new Tinypool({ filename: url.href, ...limits });
    const results = await Promise.all(inputs.map((input) => pool.run(input, { name: "run" })));
    await pool.destroy();
    return results;
  },
};
