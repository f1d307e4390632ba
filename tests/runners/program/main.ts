/**
 * A program that tools compile on the way, in the main thread and in the workers.
 *
 * @module
 */

import { isMainThread } from "node:worker_threads";
import { fromModule, Pool } from "@polypool/pool";
import { turn } from "./points.ts";

const POINTS = [{ x: 1, y: 2 }, { x: 3, y: 4 }];

/** Has a function within it, which compilers may hand to a helper of theirs. */
export function double(n: number): number {
  const twice = (value: number) => value * 2;
  return twice(n);
}

async function main(): Promise<void> {
  const own = new Pool({ workers: 2, module: import.meta.url });
  const doubles = await own.map(double, [1, 2, 3]);
  await own.terminate();

  const url = new URL("./points.ts", import.meta.url);
  const imported = new Pool({ workers: 2, module: url });
  const turned = await imported.map(turn, POINTS);
  await imported.terminate();

  const pool = new Pool({ workers: 2 });
  const turnedByUrl = await pool.map(fromModule<typeof import("./points.ts")>(url).turn, POINTS);
  const successors = await pool.map((n: number) => n + 1, [1, 2, 3]);
  await pool.terminate();

  console.log(JSON.stringify({ doubles, turned, turnedByUrl, successors }));
}

// Compiled to CommonJS, `import.meta.main` is not there.
if (isMainThread) void main();
