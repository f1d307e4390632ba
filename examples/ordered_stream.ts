/**
 * An endless input, results in its order: imap() reads only as far ahead as its buffer allows.
 *
 * @module
 */

import { Pool } from "@polypool/pool";

export function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) {
    if (n % divisor === 0) return false;
  }
  return n > 1;
}

export function testNumber(n: number): { n: number; prime: boolean } {
  return { n, prime: isPrime(n) };
}

function* countFrom(start: number): Generator<number> {
  try {
    for (let n = start;; n++) yield n;
  } finally {
    console.log("the input was closed");
  }
}

if (import.meta.main) {
  const pool = new Pool({ workers: 2, module: import.meta.url });
  let found = 0;
  for await (const { n, prime } of pool.imap(testNumber, countFrom(10 ** 10))) {
    if (prime) console.log(n);
    // Leaving the loop cancels the rest.
    if (prime && ++found === 3) break;
  }
  await pool.terminate();
}

// Output:
// 10000000019
// 10000000033
// 10000000061
// the input was closed
