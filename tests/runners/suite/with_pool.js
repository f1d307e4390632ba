import { Pool } from "@polypool/pool";

/** Runs a test with a pool that ends with it. */
export async function withPool(options, test) {
  const pool = new Pool({ workers: 2, ...options });
  try {
    await test(pool);
  } finally {
    await pool.terminate();
  }
}
