// A program that becomes one file: docs/bundlers.md says how.

import { Pool } from "@polypool/pool";
import { embeddedWorker } from "@polypool/pool/embedded";

/** Counts primes; it goes to the workers as source text, and needs nothing around it. */
const countPrimes = (limit: number): number => {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
};

async function main(): Promise<void> {
  const pool = new Pool({ worker: embeddedWorker });
  console.log((await pool.map(countPrimes, [100, 1_000, 10_000])).join(" "));
  pool.close();
  await pool.join();
}

void main();

// Output:
// 25 168 1229
