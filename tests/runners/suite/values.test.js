import { fromModule } from "@polypool/pool";
import { withPool } from "./with_pool.js";

const { grow, halve, rename, square } = fromModule(import.meta.resolve("./tasks.js"));
/** So many travel together that they are packed. */
const chunkSize = 50;
const ids = Array.from({ length: 100 }, (_, id) => id);

describe("values", () => {
  it("map() takes and gives numbers", () =>
    withPool({}, async (pool) => {
      expect(await pool.map(square, ids, { chunkSize })).toEqual(ids.map((id) => id * id));
    }));

  it("map() takes and gives plain objects", () =>
    withPool({}, async (pool) => {
      const items = ids.map((id) => ({ id, name: `item ${id}` }));
      const renamed = ids.map((id) => ({ id, name: `ITEM ${id}` }));
      expect(await pool.map(rename, items, { chunkSize })).toEqual(renamed);
    }));

  it("map() takes and gives objects with lists", () =>
    withPool({}, async (pool) => {
      const items = ids.map((id) => ({ id, parts: [id, id + 1] }));
      const grown = ids.map((id) => ({ id, parts: [id + 1, id + 2] }));
      expect(await pool.map(grow, items, { chunkSize })).toEqual(grown);
    }));

  it("map() takes and gives typed arrays, small and large", () =>
    withPool({}, async (pool) => {
      const items = [new Float64Array([1, 3]), new Float64Array(100_000).fill(5)];
      const [small, large] = await pool.map(halve, items);
      expect(small.constructor.name).toBe("Float64Array");
      expect([...small]).toEqual([0.5, 1.5]);
      expect(large.length).toBe(100_000);
      expect(large.every((number) => number === 2.5)).toBe(true);
    }));

  it("imap() gives results in input order", () =>
    withPool({}, async (pool) => {
      const squares = [];
      for await (const value of pool.imap(square, ids)) squares.push(value);
      expect(squares).toEqual(ids.map((id) => id * id));
    }));

  it("apply() hands over a buffer that is to be transferred", () =>
    withPool({}, async (pool) => {
      const numbers = new Float64Array([1, 3]);
      const result = await pool.apply(halve, [numbers], { transfer: [numbers.buffer] });
      expect([...result]).toEqual([0.5, 1.5]);
      expect(numbers.length).toBe(0);
    }));

  it("apply() refuses a function as argument, as a structured clone does", () =>
    withPool({}, async (pool) => {
      await expect(pool.apply(square, [() => 1])).rejects.toMatchObject({ name: "DataCloneError" });
    }));
});
