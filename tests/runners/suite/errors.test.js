import { fromModule, PoolTerminatedError, TimeoutError } from "@polypool/pool";
import { withPool } from "./with_pool.js";

const { fail, giveUp, wait } = fromModule(import.meta.resolve("./tasks.js"));

/** Longer than a test may take. */
const LONG = 600_000;

describe("errors", () => {
  it("a task's error arrives with class, name, message, cause and properties", () =>
    withPool({}, async (pool) => {
      const error = await pool.apply(fail).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.name).toBe("TypeError");
      expect(error.message).toBe("the failure");
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.cause.message).toBe("the reason");
      expect(error.code).toBe("E_TASK");
      expect(error.place).toEqual({ line: 3 });
    }));

  it("a task's DOMException arrives with name and message", () =>
    withPool({}, async (pool) => {
      const error = await pool.apply(giveUp).catch((thrown) => thrown);
      expect(error.name).toBe("AbortError");
      expect(error.message).toBe("the task gave up");
    }));

  it("apply() rejects with the reason of its signal", () =>
    withPool({}, async (pool) => {
      const controller = new AbortController();
      const { signal } = controller;
      const pending = pool.apply(wait, [LONG], { signal });
      controller.abort();
      await expect(pending).rejects.toBe(signal.reason);
      expect(signal.reason.name).toBe("AbortError");
    }));

  it("apply() rejects when a task's time is over", () =>
    withPool({}, async (pool) => {
      const pending = pool.apply(wait, [LONG], { timeout: 50 });
      await expect(pending).rejects.toBeInstanceOf(TimeoutError);
    }));

  it("terminate() rejects what is pending", () =>
    withPool({}, async (pool) => {
      const pending = pool.apply(wait, [LONG]);
      const rejected = expect(pending).rejects.toBeInstanceOf(PoolTerminatedError);
      await pool.terminate();
      await rejected;
    }));
});
