/**
 * Repeats a scenario, looks now and then at what the program holds, and prints it as JSON.
 *
 *     leak_script.ts scenario total samples
 *
 * @module
 */

import process from "node:process";
import { Pool } from "../../mod.ts";
import { countAlive, watchWorkers } from "./alive.ts";
import { heapUsed } from "./memory.ts";
import { type Scenario, scenarios, tasks } from "./scenarios.ts";

/** What the program holds at one time. */
export interface Sample {
  /** Bytes that the main thread refers to. */
  readonly heap: number;
  /** Bytes that the largest worker refers to. */
  readonly workerHeap: number;
  /** Bytes of the process. */
  readonly rss: number;
  /** Pools, and the memory and ports of workers. */
  readonly alive: number;
}

const [name = "", total, samples] = process.argv.slice(-3);
const scenario = scenarios[name];
if (scenario === undefined) throw new RangeError(`Cannot run a scenario of this name: ${name}`);
watchWorkers();
console.log(JSON.stringify(await run(scenario, Number(total), Number(samples))));

async function run(scenario: Scenario, total: number, count: number): Promise<Sample[]> {
  const pool = new Pool(scenario.options);
  const samples: Sample[] = [];
  if (scenario.busy) pool.applyAsync(tasks.hang);
  await pool.ready();
  while (samples.length < count) {
    await scenario.repeat(total / count, pool);
    samples.push(await look(scenario.lasting ? pool : undefined));
  }
  await pool.terminate();
  return samples;
}

async function look(pool: Pool | undefined): Promise<Sample> {
  const heaps = await pool?.broadcast(tasks.workerHeap) ?? [0];
  const alive = await countAlive();
  const { rss } = process.memoryUsage();
  return { heap: heapUsed(), workerHeap: Math.max(...heaps), rss, alive };
}
