import { inline } from "@polypool/pool";
import { withPool } from "./with_pool.js";

describe("inline functions", () => {
  it("an arrow goes as source text", () =>
    withPool({}, async (pool) => {
      expect(await pool.map((n) => n + 1, [1, 2, 3])).toEqual([2, 3, 4]);
    }));

  it("inline() sends the text of a function that has a name", () =>
    withPool({}, async (pool) => {
      function double(n) {
        return n * 2;
      }
      expect(await pool.map(inline(double), [1, 2, 3])).toEqual([2, 4, 6]);
    }));
});
