import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, inline, TaskNotFoundError, type WorkerLike } from "../../mod.ts";
import { serve } from "../../worker.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { callsHere, shown, square } from "../fixtures/tasks/tasks.ts";
import { withPool } from "../fixtures/with_pool.ts";

const file = new URL("../fixtures/workers/tasks.worker.ts", import.meta.url);
const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>();

const isNode = globalThis.Worker === undefined;
const { Worker: NodeWorker } = await import("node:worker_threads");

const worker = (): WorkerLike => makeWorker(file);

describe("the worker option", () => {
  it("the worker option makes plain functions go by name to what the worker serves", () =>
    withPool({ workers: 1, worker, idleTimeout: Infinity }, async (pool) => {
      assert.deepEqual(await pool.map(square, [1, 2, 3]), [1, 4, 9]);
      assert.deepEqual([await pool.apply(callsHere), await pool.apply(callsHere)], [1, 2]);
      // Minifiers give names as they like.
      await assert.rejects(pool.apply(shown, [1]), /'hidden'.*fromModule\(\)/);
    }));

  it("the worker option goes with fromModule() without a URL", () =>
    withPool({ workers: 2, worker }, async (pool) => {
      assert.deepEqual(await pool.map(tasks.square, [1, 2, 3]), [1, 4, 9]);
      assert.equal(await pool.apply(tasks.default, [1]), 2);
      assert.equal(await pool.apply(tasks.shown, [1]), 1001);
      assert.equal((await pool.apply(tasks.here)).inWorker, true);
    }));

  it("the worker option leaves fromModule() with a URL and inline functions as they are", () =>
    withPool({ workers: 1, worker }, async (pool) => {
      const url = new URL("../fixtures/tasks/tasks.ts", import.meta.url);
      const byUrl = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(url);
      assert.equal(await pool.apply(byUrl.square, [3]), 9);
      assert.deepEqual(await pool.map((n) => n + 1, [1, 2]), [2, 3]);
    }));

  it("the worker option calls its function once for each worker, replacements included", async () => {
    let made = 0;
    const worker = () => {
      made++;
      return makeWorker(file);
    };
    await withPool({ workers: 2, worker, idleTimeout: Infinity }, async (pool) => {
      await pool.ready();
      assert.equal(made, 2);
    });
    made = 0;
    await withPool({ workers: 1, worker, maxTasksPerWorker: 1 }, async (pool) => {
      assert.deepEqual(await pool.map(tasks.callsHere, [1, 2], { chunkSize: 1 }), [1, 1]);
      assert.ok(made >= 2);
    });
  });

  it("the worker option goes with an initializer", () =>
    withPool({
      workers: 1,
      worker,
      initializer: tasks.setGreeting,
      initArgs: ["served"],
    }, async (pool) => assert.equal(await pool.apply(tasks.greetingHere), "served")));

  it("a name that the worker does not serve fails with TaskNotFoundError", () =>
    withPool({ workers: 1, worker }, async (pool) => {
      const triple = (n: number) => n * 3;
      const error = await pool.apply(triple, [1]).catch((error) => error);
      assert.ok(error instanceof TaskNotFoundError);
      assert.match(error.message, /'triple'.*inline\(triple\).*square/);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    }));

  it("errors, reports and moved results come out of a served worker", () =>
    withPool({ workers: 1, worker }, async (pool) => {
      await assert.rejects(pool.apply(tasks.failOdd, [1]), RangeError);
      const reports: unknown[] = [];
      const onReport = (value: unknown) => reports.push(value);
      await pool.apply(tasks.reportAll, [[1, 2]], { onReport });
      assert.deepEqual(reports, [1, 2]);
      assert.equal((await pool.apply(tasks.moveOut, [10])).length, 10);
    }));

  it("a worker of node:worker_threads keeps the environment that its maker gave it", {
    skip: !isNode,
  }, () => {
    const worker = () => new NodeWorker(file, { env: { POLYPOOL_GREETING: "mine" } });
    return withPool({ workers: 1, worker }, async (pool) => {
      const read = (name: string) => Reflect.get(globalThis, "process").env[name];
      assert.equal(await pool.apply(inline(read), ["POLYPOOL_GREETING"]), "mine");
    });
  });
});

describe("serve()", () => {
  it("serve() outside a worker throws PoolStateError", () => {
    assert.throws(() => serve({ square }), { name: "PoolStateError" });
  });
});
