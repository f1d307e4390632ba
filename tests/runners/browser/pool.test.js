import { fromModule, Pool } from "@polypool/pool";
import { embeddedWorker } from "@polypool/pool/embedded";
import { expect, it } from "vitest";

const { square } = fromModule(new URL("./tasks.js", import.meta.url));

/** Runs a test with a pool that ends with it. */
async function withPool(options, test) {
  const pool = new Pool({ workers: 2, ...options });
  try {
    await test(pool);
  } finally {
    await pool.terminate();
  }
}

for (
  const [kind, options] of Object.entries({
    "workers": {},
    "embedded workers": { worker: embeddedWorker },
    "workers: 0": { workers: 0 },
  })
) {
  it(`an arrow goes as source text, ${kind}`, () =>
    withPool(options, async (pool) => {
      expect(await pool.map((n) => n + 1, [1, 2, 3])).toEqual([2, 3, 4]);
    }));

  it(`fromModule() names a function that only the workers load, ${kind}`, () =>
    withPool(options, async (pool) => {
      expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    }));
}
