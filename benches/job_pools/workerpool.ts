/**
 * Workerpool: a dedicated worker registers the job's function, and each input is a call of it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { JobPool } from "../job_pool.ts";

const WORKER = fileURLToPath(new URL("../peers/workerpool_job.js", import.meta.url));

export const jobPool: JobPool = {
  name: "workerpool",
  kind: "peer",
  runtimes: ["node24"],
  cannot: {},
  isForJobs: true,
  async runAll({ url }, inputs, workers) {
    const pool = workerpool.pool(WORKER, {
      maxWorkers: workers,
      workerType: "thread",
      workerThreadOpts: { workerData: url.href },
    });
    const results = await Promise.all(inputs.map((input) => pool.exec("run", [input])));
    await pool.terminate();
    return results;
  },
};
