/**
 * The shortest program that gets a result from a pool; its parent holds the watch.
 *
 *     node start.ts <contestant>
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
// One worker: a library that starts all of them at once would do more than another.
const pool = await contestant.open(1);
console.log(await pool.call("increment", 1));
await pool.close();
