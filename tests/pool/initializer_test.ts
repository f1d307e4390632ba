import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  fromModule,
  InitializerError,
  type Pool,
  type PoolOptions,
  TimeoutError,
} from "../../mod.ts";
import { makeCounters } from "../fixtures/tasks/faults.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const url = new URL("../fixtures/tasks/faults.ts", import.meta.url);
const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(url);

/** Far more than any start needs, far less than a test may take. */
const AMPLE = 15_000;

/** Asserts that a pool breaks with an InitializerError, for good; returns its cause. */
async function causeOfBreaking(options: PoolOptions): Promise<unknown> {
  let cause: unknown;
  await withPool(options, async (pool) => {
    const pending: PromiseLike<unknown>[] = [
      pool.apply(faults.identity, [1]),
      pool.applyAsync(faults.identity, [1]),
      pool.map(faults.identity, [1, 2, 3]),
      pool.mapSettled(faults.identity, [1, 2, 3]),
      pool.imap(faults.identity, [1]).next(),
      pool.broadcast(faults.identity, [1]),
    ];
    for (const promise of pending) {
      const error = await promise.then(() => undefined, (error: unknown) => error);
      assert.ok(error instanceof InitializerError, `not an InitializerError: ${error}`);
      cause = error.cause;
    }
    await assertBroken(pool);
  });
  return cause;
}

async function assertBroken(pool: Pool): Promise<void> {
  assert.equal(pool.state, "broken");
  await assert.rejects(pool.apply(faults.identity, [1]), InitializerError);
  await assert.rejects(pool.map(faults.identity, [1]), InitializerError);
  await assert.rejects(pool.imap(faults.identity, [1]).next(), InitializerError);
  await assert.rejects(pool.broadcast(faults.identity, [1]), InitializerError);
  await assert.rejects(pool.ready(), InitializerError);
  await until(() => pool.stats().workers === 0);
  await pool.join();
  await pool.terminate();
  assert.equal(pool.state, "terminated");
}

for (const workers of [2, 0]) {
  describe(`An initializer with ${workers} workers`, () => {
    it("runs with initArgs before the first task", () =>
      withPool({ workers, initializer: faults.initialize, initArgs: ["set"] }, async (pool) => {
        assert.equal(await pool.apply(faults.initializedWith), "set");
        assert.deepEqual(
          [...new Set(await pool.broadcast(faults.initializedWith))],
          ["set"],
        );
      }));

    it("is awaited, and runs once in each worker", async () => {
      const runs = makeCounters(1);
      const options = { workers, initializer: faults.initializeSlowly, initArgs: [runs, "late"] };
      await withPool(options, async (pool) => {
        const values = await pool.map((_n: number) => 1, [1, 2, 3, 4]);
        assert.deepEqual(values, [1, 1, 1, 1]);
        assert.equal(await pool.apply(faults.initializedWith), "late");
        await pool.ready();
        assert.equal(runs[0], Math.max(1, workers));
      });
    });

    it("may be an inline function", () =>
      withPool({
        workers,
        initializer: (value: string) => {
          Object.assign(globalThis, { leftByInitializer: value });
        },
        initArgs: ["inline"],
      }, async (pool) => {
        const left = await pool.apply(() => Reflect.get(globalThis, "leftByInitializer"));
        assert.equal(left, "inline");
      }));

    it("breaks the pool when it throws, and is not tried again and again", async () => {
      const runs = makeCounters(1);
      const initializer = faults.failToInitialize;
      const cause = await causeOfBreaking({ workers, initializer, initArgs: [runs] });
      assert.ok(cause instanceof RangeError);
      assert.equal(cause.message, "no database");
      assert.ok(Number(runs[0]) <= Math.max(1, workers), `it ran ${runs[0]} times`);
    });

    it("breaks the pool when it rejects", async () => {
      const initializer = faults.rejectNamed;
      const cause = await causeOfBreaking({ workers, initializer, initArgs: ["typeError"] });
      assert.ok(cause instanceof TypeError);
    });

    it("breaks the pool when it takes longer than initTimeout", async () => {
      const start = Date.now();
      const cause = await causeOfBreaking({ workers, initializer: faults.hang, initTimeout: 50 });
      assert.ok(cause instanceof TimeoutError, String(cause));
      assert.ok(Date.now() - start < AMPLE);
    });

    it("breaks the pool when it is not there", async () => {
      const { noSuchFunction } = fromModule<{ noSuchFunction(): void }>(url);
      const cause = await causeOfBreaking({ workers, initializer: noSuchFunction });
      assert.equal(cause instanceof Error && cause.name, "TaskNotFoundError");
    });

    it("breaks the pool when its module is missing", async () => {
      const missing = new URL("../fixtures/no_such_module.ts", import.meta.url);
      const { initialize } = fromModule<{ initialize(): void }>(missing);
      const cause = await causeOfBreaking({ workers, initializer: initialize });
      assert.match(String(cause), /no_such_module/);
    });

    it("breaks the pool when its arguments cannot be cloned", async () => {
      const initializer = faults.initialize;
      const cause = await causeOfBreaking({ workers, initializer, initArgs: [() => 1] });
      assert.ok(cause instanceof DOMException);
      assert.equal(cause.name, "DataCloneError");
    });
  });
}

describe("An initializer", () => {
  it("is found by its name in the pool's module", () => {
    function initialize(_value: string): never {
      throw new Error("its source must not be sent");
    }
    const options = { workers: 1, module: url, initializer: initialize, initArgs: ["by name"] };
    return withPool(options, async (pool) => {
      assert.equal(await pool.apply(faults.initializedWith), "by name");
    });
  });

  it("runs in replacements, too", async () => {
    const runs = makeCounters(1);
    const options = { workers: 1, initializer: faults.initializeSlowly, initArgs: [runs, "set"] };
    await withPool(options, async (pool) => {
      await assert.rejects(pool.apply(faults.exitProcess, [1]));
      assert.equal(await pool.apply(faults.initializedWith), "set");
      assert.equal(runs[0], 2);
    });
  });

  it("runs in the successors of workers with maxTasksPerWorker", async () => {
    const runs = makeCounters(1);
    const initializer = faults.initializeSlowly;
    const limits = { workers: 1, maxTasksPerWorker: 1 };
    await withPool({ ...limits, initializer, initArgs: [runs, "set"] }, async (pool) => {
      for (let n = 0; n < 3; n++) assert.equal(await pool.apply(faults.initializedWith), "set");
      assert.ok(Number(runs[0]) >= 3);
    });
  });

  it("breaks the pool when it ends its worker, and is not tried again and again", async () => {
    const initializer = faults.exitProcess;
    const cause = await causeOfBreaking({ workers: 2, initializer, initArgs: [1] });
    assert.equal(cause instanceof Error && cause.name, "WorkerLostError");
  });

  it("breaks a pool with minWorkers before anything is submitted", () =>
    withPool({
      workers: 2,
      minWorkers: 2,
      initializer: faults.throwNamed,
      initArgs: ["error"],
    }, async (pool) => {
      await until(() => pool.state === "broken");
      await assertBroken(pool);
    }));

  it("breaks the pool when it fails in a replacement only", async () => {
    const runs = makeCounters(1);
    const initializer = (counter: Int32Array) => {
      if (Atomics.add(counter, 0, 1) > 0) throw new RangeError("second time");
    };
    await withPool({ workers: 1, initializer, initArgs: [runs] }, async (pool) => {
      assert.equal(await pool.apply(faults.identity, [1]), 1);
      await assert.rejects(pool.apply(faults.exitProcess, [1]));
      await assert.rejects(pool.apply(faults.identity, [1]), InitializerError);
      await assertBroken(pool);
    });
  });

  it("lets ready() reject when it fails", () =>
    withPool(
      { workers: 2, initializer: faults.throwNamed, initArgs: ["error"] },
      (pool) => assert.rejects(pool.ready(), InitializerError),
    ));

  it("does not count for startTimeout", () =>
    withPool(
      { workers: 1, startTimeout: 1_500, initializer: faults.nap, initArgs: [2_000] },
      async (pool) => assert.equal(await pool.apply(faults.identity, [1]), 1),
    ));
});
