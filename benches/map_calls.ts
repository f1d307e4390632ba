/**
 * Mapping a task over items as a user of each library would.
 *
 * @module
 */

import type { Metrics, OpenPool, TaskName } from "./contestant.ts";
import { callAll, countTo, timed } from "./workload.ts";
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

/** Maps again and again: the first call is slower, as nothing is compiled yet. */
export async function measureMap(
  pool: OpenPool,
  task: TaskName,
  items: readonly unknown[],
  calls: number,
  check: (results: readonly unknown[]) => void,
): Promise<Metrics> {
  const rates: number[] = [];
  for (let call = 0; call < calls; call++) {
    const [ms, results] = await timed(() => mapInChunks(pool, task, items));
    check(results);
    rates.push(items.length / ms * 1000);
  }
  const [first = NaN] = rates;
  return { firstItemsPerSecond: first, warmItemsPerSecond: median(rates.slice(3)) };
}
