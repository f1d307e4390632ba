import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, inline, type PoolOptions } from "../../mod.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { runtime } from "../fixtures/runtime.ts";
import { withPool } from "../fixtures/with_pool.ts";

/** How often this thread has imported the module, as code that does not import it sees it. */
const seen = inline(() => (globalThis as { imports?: number }).imports ?? 0);

const NOTED = new URL("../fixtures/tasks/noted.ts", import.meta.url);
const SERVED = new URL("../fixtures/workers/tasks.worker.ts", import.meta.url);

/** A module with an initializer that fails where the module is not there yet. */
const INITIALIZED: PoolOptions = {
  workers: 2,
  module: NOTED,
  initializer: inline(() => {
    if (!("imports" in globalThis)) throw new Error("not imported before the initializer");
  }),
};

describe("The pool's module", () => {
  it("is there in each worker when ready() resolves", () =>
    withPool({ workers: 2, module: NOTED }, async (pool) => {
      await pool.ready();
      assert.deepEqual(await pool.broadcast(seen), [1, 1]);
    }));

  it("is there before the initializer runs", () =>
    withPool(INITIALIZED, async (pool) => {
      await pool.ready();
      assert.deepEqual(await pool.broadcast(seen), [1, 1]);
    }));

  it("is there in workers whose file is the caller's own", () =>
    withPool({ workers: 2, module: NOTED, worker: () => makeWorker(SERVED) }, async (pool) => {
      await pool.ready();
      assert.deepEqual(await pool.broadcast(seen), [1, 1]);
    }));

  it("is there in a worker that takes another's place", () =>
    withPool({ workers: 1, module: NOTED, maxTasksPerWorker: 1 }, async (pool) => {
      for (let n = 0; n < 3; n++) assert.equal(await pool.apply(seen), 1);
    }));

  it("is imported on the calling thread by the first task that needs it", () =>
    withPool({ workers: 0, module: NOTED }, async (pool) => {
      const { imports } = fromModule<typeof import("../fixtures/tasks/noted.ts")>(NOTED);
      await pool.ready();
      assert.equal(await pool.apply(seen), 0);
      assert.equal(await pool.apply(imports), 1);
    }));
});

/** Modules that cannot be imported, and the error that a job meets which needs one. */
const BAD = {
  "throws": ["../fixtures/bad/throws.ts", { name: "RangeError", message: "thrown at import" }],
  "rejects after a moment": ["../fixtures/bad/rejects.ts", { name: "RangeError" }],
  "is missing": ["../fixtures/no_such_module.ts", /no_such_module/],
  "makes a pool": ["../fixtures/bad/makes_pool.ts", { name: "PoolStateError" }],
  "ends its thread": ["../fixtures/bad/exits.ts", { name: "WorkerLostError" }],
  "never finishes loading": ["../fixtures/bad/never_loads.ts", { name: "TimeoutError" }],
} as const;

/** A function that no module exports; it goes by name all the same. */
function task(): void {}

for (const [what, [path, expected]] of Object.entries(BAD)) {
  describe(`A pool's module that ${what}`, () => {
    const module = new URL(path, import.meta.url);
    const options = { workers: 2, module, startTimeout: 1_500 };

    it("does not keep the pool from being ready, nor other tasks from running", () =>
      withPool(options, async (pool) => {
        await pool.ready();
        assert.equal(pool.stats().workers, 2);
        assert.deepEqual(await pool.map(inline((n: number) => n + 1), [1, 2, 3]), [2, 3, 4]);
        assert.equal(pool.state, "running");
      }));

    it("fails the jobs that need it, and those alone", () =>
      withPool(options, async (pool) => {
        const other = pool.map(inline((n: number) => n + 1), [1, 2, 3]);
        await assert.rejects(pool.apply(task), expected);
        assert.deepEqual(await other, [2, 3, 4]);
        assert.equal(await pool.apply(inline(() => 5)), 5);
      }));

    it("lets workers run their initializer", () =>
      withPool({ ...options, initializer: inline(() => void 0) }, async (pool) => {
        await pool.ready();
        assert.equal(await pool.apply(inline(() => 5)), 5);
      }));
  });
}

describe("A pool's module that ends each worker that imports it", () => {
  const module = new URL(BAD["ends its thread"][0], import.meta.url);
  // A browser has no way to end a worker that this file could use.
  const skip = runtime === "browser" && "the module ends its thread by process.exit()";

  it(
    "is no failed start, of however many workers at once",
    { skip },
    () =>
      withPool({ workers: 6, module }, async (pool) => {
        await pool.ready();
        assert.equal(pool.state, "running");
        assert.equal(pool.stats().workers, 6);
      }),
  );
});
