import { timers } from "./timers.js";

describe("timers that are fake before the package is loaded", () => {
  beforeAll(() => {
    timers.useFakeTimers();
  });
  afterAll(() => {
    timers.useRealTimers();
  });

  it("apply() gives its result, and rejects when its worker dies", async () => {
    const { fromModule, WorkerLostError } = await import("@polypool/pool");
    const { withPool } = await import("./with_pool.js");
    const { exit, square } = fromModule(import.meta.resolve("./tasks.js"));
    await withPool({}, async (pool) => {
      expect(await pool.apply(square, [3])).toBe(9);
      await expect(pool.apply(exit)).rejects.toBeInstanceOf(WorkerLostError);
    });
  });
});
