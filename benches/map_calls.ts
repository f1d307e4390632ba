/**
 * Mapping a task over items as a user of each library would.
 *
 * @module
 */

import process from "node:process";
import type { Metrics, OpenPool, TaskName } from "./contestant.ts";
import { callAll, countTo, cpuMsSince, timed } from "./workload.ts";
import { median } from "./quantiles.ts";

/** How many chunks a user makes by hand: as many as Python makes for two workers. */
const CHUNKS = 8;

/** Uses the library's own map, or hand-made chunks and concatenation. */
export async function mapInChunks(
  pool: OpenPool,
  task: TaskName,
  items: readonly unknown[],
): Promise<unknown[]> {
  if (pool.map) return await pool.map(task, items);
  const size = Math.ceil(items.length / CHUNKS);
  const chunks = countTo(CHUNKS).map((n) => items.slice(n * size, (n + 1) * size));
  const results = await Promise.all(chunks.map((chunk) => pool.callOnAll(task, chunk)));
  return ([] as unknown[]).concat(...results);
}

/** Uses the library's own map where it fits uneven items; a user makes no chunks of such. */
export function mapUneven(
  pool: OpenPool,
  task: TaskName,
  items: readonly unknown[],
): Promise<unknown[]> {
  return pool.map ? pool.map(task, items) : mapEach(pool, task, items);
}

/** A task for each item. */
export function mapEach(
  pool: OpenPool,
  task: TaskName,
  items: readonly unknown[],
): Promise<unknown[]> {
  return pool.mapEach ? pool.mapEach(task, items) : callAll(pool, task, items);
}

/** How many items to map, how often, and over how many of them before that. */
export type MapSizes = { readonly items: number; readonly calls: number; readonly warmUp: number };

/** Maps again and again: the first call is slower, as little or nothing is compiled yet. */
export async function measureMap(
  pool: OpenPool,
  task: TaskName,
  items: readonly unknown[],
  { calls, warmUp }: MapSizes,
  check: (results: readonly unknown[]) => void,
): Promise<Metrics> {
  if (warmUp > 0) await mapInChunks(pool, task, items.slice(0, warmUp));
  const rates: number[] = [];
  const cpu: number[] = [];
  for (let call = 0; call < calls; call++) {
    const before = process.cpuUsage();
    const [ms, results] = await timed(() => mapInChunks(pool, task, items));
    cpu.push(cpuMsSince(before));
    check(results);
    rates.push(items.length / ms * 1000);
  }
  const [firstItemsPerSecond = NaN] = rates;
  const [firstCpuMs = NaN] = cpu;
  return {
    firstItemsPerSecond,
    warmItemsPerSecond: median(rates.slice(3)),
    firstCpuMs,
    warmCpuMs: median(cpu.slice(3)),
  };
}
