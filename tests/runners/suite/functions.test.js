import { fromModule } from "@polypool/pool";
import { square } from "./tasks.js";
import { withPool } from "./with_pool.js";

const url = import.meta.resolve("./tasks.js");

describe("functions", () => {
  it("an imported function goes by its name in the pool's module", () =>
    withPool({ module: url }, async (pool) => {
      expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    }));

  it("fromModule() names a function that only the workers load", () =>
    withPool({}, async (pool) => {
      expect(await pool.map(fromModule(url).square, [1, 2, 3])).toEqual([1, 4, 9]);
    }));
});
