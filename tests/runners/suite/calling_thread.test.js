import { TimeoutError } from "@polypool/pool";
import { fail, readMissing, rename, square, wait } from "./tasks.js";
import { withPool } from "./with_pool.js";

const options = { workers: 0, module: import.meta.resolve("./tasks.js") };
const ids = Array.from({ length: 100 }, (_, id) => id);

// What stands for a page in Jest cannot clone.
const suite = typeof structuredClone === "undefined" ? describe.skip : describe;

suite("workers: 0", () => {
  it("map() takes and gives numbers", () =>
    withPool(options, async (pool) => {
      expect(await pool.map(square, ids)).toEqual(ids.map((id) => id * id));
    }));

  it("map() takes and gives plain objects", () =>
    withPool(options, async (pool) => {
      const items = ids.map((id) => ({ id, name: `item ${id}` }));
      const renamed = ids.map((id) => ({ id, name: `ITEM ${id}` }));
      expect(await pool.map(rename, items)).toEqual(renamed);
    }));

  it("a task's error arrives with class, message, cause and properties", () =>
    withPool(options, async (pool) => {
      const error = await pool.apply(fail).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe("the failure");
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.code).toBe("E_TASK");
    }));

  it("an error of Node's own arrives with its code", () =>
    withPool(options, async (pool) => {
      await expect(pool.apply(readMissing)).rejects.toMatchObject({ code: "ENOENT" });
    }));

  it("apply() rejects when a task's time is over", () =>
    withPool(options, async (pool) => {
      const pending = pool.apply(wait, [500], { timeout: 50 });
      await expect(pending).rejects.toBeInstanceOf(TimeoutError);
    }));
});
