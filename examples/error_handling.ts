/**
 * What becomes of errors: each reaches whoever asked for the result, and the pool works on.
 *
 * @module
 */

import process from "node:process";
import { Pool, WorkerLostError } from "@polypool/pool";

export function reciprocal(n: number): number {
  if (n === 0) throw new RangeError("nothing can be divided by 0");
  return 1 / n;
}

export function crash(): void {
  process.exit(3);
}

if (import.meta.main) {
  const pool = new Pool({ workers: 2, module: import.meta.url });
  // map() settles when all is done, with the first error; its class survives the journey.
  const failed = await pool.map(reciprocal, [1, 0]).catch((error) => error);
  console.log(failed instanceof RangeError, failed.message);
  // mapSettled() gives every outcome, and never rejects for a task's error.
  const outcomes = await pool.mapSettled(reciprocal, [2, 0, 4]);
  console.log(outcomes.map(({ status }) => status).join(" "));
  // imap() gives each error in its place; next() goes on behind it.
  const results = pool.imap(reciprocal, [5, 0, 10]);
  for (let at = 0; at < 3; at++) {
    console.log(await results.next().then(({ value }) => value, (error) => error.name));
  }
  // A worker that dies fails its task, and is replaced.
  const lost = await pool.apply(crash).catch((error) => error);
  console.log(lost instanceof WorkerLostError, lost.task, await pool.apply(reciprocal, [8]));
  await pool.terminate();
}

// Output:
// true nothing can be divided by 0
// fulfilled rejected fulfilled
// 0.2
// RangeError
// 0.1
// true crash 0.125
