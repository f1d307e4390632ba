import assert from "node:assert/strict";
import { describe, it } from "node:test";

describe("A pool of a package that an import map names", () => {
  it("runs tasks", async () => {
    const { Pool } = await import("@polypool/pool");
    const pool = new Pool({ workers: 2 });
    assert.deepEqual(await pool.map((n: number) => n * 2, [1, 2, 3]), [2, 4, 6]);
    await pool.terminate();
  });
});
