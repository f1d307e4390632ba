/**
 * A whole program that does a job over a pool; its parent holds the watches.
 *
 *     node job.ts <job> <inputs> [pool]
 *
 * It prints a checksum of the results. Without a pool it only makes the inputs, and says how many.
 *
 * @module
 */

import { createHash } from "node:crypto";
import process from "node:process";
import type { Job, JobPool } from "./job_pool.ts";
import { WORKERS } from "./workload.ts";

const [jobName, count, poolName] = process.argv.slice(2);

/** This program is run as it is, and as JavaScript. */
const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

const url = new URL(`./jobs/${jobName}.js`, import.meta.url);
const { inputs, run } = await import(url.href) as Job;
const list = inputs(Number(count));
console.log(poolName === undefined ? list.length : checksumOf(await runAll(poolName)));

async function runAll(poolName: string): Promise<unknown[]> {
  const { jobPool } = await import(`./job_pools/${poolName}${suffix}`) as { jobPool: JobPool };
  return await jobPool.runAll({ url, run }, list, WORKERS);
}

function checksumOf(results: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const result of results) {
    hash.update(result instanceof Uint8Array ? result : JSON.stringify(result));
  }
  return hash.digest("hex");
}
