/**
 * Piscina: the pool's file is the job, and each input is a run.
 *
 * @module
 */

import { Piscina } from "piscina";
import type { JobPool } from "../job_pool.ts";

export const jobPool: JobPool = {
  name: "piscina",
  kind: "peer",
  runtimes: ["node24"],
  cannot: {},
  isForJobs: true,
  async runAll({ url }, inputs, workers) {
    const limits = { minThreads: workers, maxThreads: workers };
    const pool: Piscina<string, unknown> = new Piscina({ filename: url.href, ...limits });
    const results = await Promise.all(inputs.map((input) => pool.run(input, { name: "run" })));
    await pool.destroy();
    return results;
  },
};
