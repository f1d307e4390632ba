import { Pool } from "@polypool/pool";

export function square(n: number): number {
  return n * n;
}

if (import.meta.main) {
  const pool = new Pool({ module: import.meta.url });
  console.log((await pool.map(square, [1, 2, 3])).join(" "));
  pool.close();
  await pool.join();
}

// Output:
// 1 4 9
