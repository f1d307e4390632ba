/**
 * The shortest program that has both workers of a pool come up; its parent holds the watch.
 *
 *     node ready.ts <contestant>
 *
 * @module
 */

import process from "node:process";
import type { Contestant } from "./contestant.ts";

/** This program is run as it is, and as JavaScript. */
const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

const { contestant } = await import(
  `./contestants/${process.argv[2]}${suffix}`
) as {
  contestant: Contestant;
};
const pool = await contestant.open(2);
// Where a library cannot say it, two tasks at once do.
await (pool.ready?.() ?? Promise.all([1, 1].map((n) => pool.call("increment", n))));
console.log(2);
await pool.close();
