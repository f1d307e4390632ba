/**
 * Jest's workers: the pool has a method of the name of the job's function.
 *
 * @module
 */

import { Worker } from "jest-worker";
import { fileURLToPath } from "node:url";
import type { Job, JobPool } from "../job_pool.ts";

export const jobPool: JobPool = {
  name: "jest-worker",
  kind: "peer",
  runtimes: ["node24"],
  cannot: {},
  isForJobs: true,
  async runAll({ url }, inputs, workers) {
    const pool = new Worker(fileURLToPath(url), {
      enableWorkerThreads: true,
      exposedMethods: ["run"],
      numWorkers: workers,
    }) as Worker & Pick<Job, "run">;
    const results = await Promise.all(inputs.map((input) => pool.run(input)));
    await pool.end();
    return results;
  },
};
