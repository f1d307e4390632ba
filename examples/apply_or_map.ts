/**
 * Three ways to give a pool work, and when to use which.
 *
 * Run it with `deno run -A`, `bun` or `node`.
 *
 * @module
 */

import { Pool } from "@polypool/pool";

/** Ten tasks that take between 50 and 250 ms: the lighter ones overtake the heavier ones. */
const DURATIONS = [200, 50, 250, 100, 100, 200, 250, 150, 250, 150];

// Exported, so that a worker finds it by name: it imports this file, as Python's workers do.
// It sleeps where a real task computes: then the order is the same on every machine.
export async function square(n: number): Promise<number> {
  await new Promise((wake) => setTimeout(wake, DURATIONS[n]));
  return n * n;
}

export function greet(name: string, mark: string): string {
  return `Hello, ${name}${mark}`;
}

/**
 * Use applyAsync() when each result is wanted as soon as it is there, whichever it is, or when
 * calls differ in function, arguments or options.
 */
async function inOrderOfCompletion(pool: Pool): Promise<number[]> {
  const collected: number[] = [];
  const callback = (value: number) => void collected.push(value);
  // Each call returns at once, with a result on its way.
  const results = [...DURATIONS.keys()].map((n) => pool.applyAsync(square, [n], { callback }));
  for (const result of results) await result.wait();
  return collected;
}

/** Use map() for one function over many items, when all results are wanted, in input order. */
function inOrderOfInput(pool: Pool): Promise<number[]> {
  return pool.map(square, DURATIONS.keys());
}

/** Use apply() for one call. Awaited one at a time, calls keep a single worker busy. */
async function oneAtATime(pool: Pool): Promise<number[]> {
  const collected: number[] = [];
  for (const n of DURATIONS.keys()) collected.push(await pool.apply(square, [n]));
  return collected;
}

/** A pool belongs to no function: calls of different ones run side by side. */
function differentFunctions(pool: Pool): Promise<(number | string)[]> {
  return Promise.all([pool.apply(square, [4]), pool.apply(greet, ["pool", "!"])]);
}

async function show(name: string, run: () => Promise<unknown[]>): Promise<void> {
  const start = performance.now();
  const results = await run();
  const elapsed = Math.round(performance.now() - start);
  console.log(`${name.padEnd(17)} ${results.join(" ")} (${elapsed} ms)`);
}

// The workers import this file too: only the main program may make a pool.
if (import.meta.main) {
  const pool = new Pool({ workers: 4, module: import.meta.url });
  // Workers start, and load this file, when they are needed; here before the clock runs.
  await pool.broadcast(greet, ["worker", "!"]);
  await show("applyAsync, ten", () => inOrderOfCompletion(pool));
  await show("map, ten", () => inOrderOfInput(pool));
  await show("apply, ten", () => oneAtATime(pool));
  await show("apply, both", () => differentFunctions(pool));
  // As in Python: no more work, then wait until the workers have ended.
  pool.close();
  await pool.join();
}

// Output, with other times:
// applyAsync, ten   1 9 16 0 4 25 49 36 81 64 (506 ms)
// map, ten          0 1 4 9 16 25 36 49 64 81 (504 ms)
// apply, ten        0 1 4 9 16 25 36 49 64 81 (1712 ms)
// apply, both       16 Hello, pool! (102 ms)
