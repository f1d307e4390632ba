import { fromModule, TimeoutError, WorkerLostError } from "@polypool/pool";
import { timers } from "./timers.js";
import { withPool } from "./with_pool.js";

const { exit, square, wait } = fromModule(import.meta.resolve("./tasks.js"));

const MINUTE = 60_000;

describe("fake timers", () => {
  beforeEach(() => {
    timers.useFakeTimers();
  });
  afterEach(() => {
    timers.useRealTimers();
  });

  it("apply() gives its result", () =>
    withPool({}, async (pool) => {
      expect(await pool.apply(square, [3])).toBe(9);
    }));

  it("apply() rejects when its worker dies", () =>
    withPool({}, async (pool) => {
      await expect(pool.apply(exit)).rejects.toBeInstanceOf(WorkerLostError);
    }));

  const canClone = typeof structuredClone === "function";
  (canClone ? it : it.skip)(
    "workers: 0 runs functions of the test and of a module",
    () =>
      withPool({ workers: 0 }, async (pool) => {
        expect(await pool.apply((n) => n + 1, [3])).toBe(4);
        expect(await pool.apply(square, [3])).toBe(9);
      }),
  );

  it("get() rejects when its time has passed on the fake clock", () =>
    withPool({}, async (pool) => {
      const pending = pool.applyAsync(wait, [10 * MINUTE]).get(MINUTE);
      timers.advanceTimersByTime(MINUTE);
      await expect(pending).rejects.toBeInstanceOf(TimeoutError);
    }));
});
