/**
 * What every worker needs is made once in each, by the pool's initializer.
 *
 * @module
 */

import { Pool } from "@polypool/pool";

/** Each worker has a copy of this module, and so a variable of its own. */
let prices = new Map<string, number>();

// It may be async: open a database, load a model. No task comes before it is done.
export async function load(entries: [string, number][]): Promise<void> {
  prices = await Promise.resolve(new Map(entries));
}

export function priceOf(name: string): number | string {
  return prices.get(name) ?? "unknown";
}

if (import.meta.main) {
  const pool = new Pool({
    workers: 2,
    module: import.meta.url,
    initializer: load,
    initArgs: [[["apple", 3], ["pear", 4]]],
  });
  console.log("in the workers:", (await pool.map(priceOf, ["apple", "pear", "plum"])).join(" "));
  console.log("in this thread:", priceOf("apple"));
  console.log("in each worker:", (await pool.broadcast(priceOf, ["pear"])).join(" "));
  pool.close();
  await pool.join();
}

// Output:
// in the workers: 3 4 unknown
// in this thread: unknown
// in each worker: 4 4
