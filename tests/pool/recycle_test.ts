import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** Runs so many tasks, and counts them by the worker that ran them. */
async function tasksByWorker(pool: Pool, length: number, chunkSize?: number): Promise<number[]> {
  const options = chunkSize === undefined ? {} : { chunkSize };
  const names = await pool.starmap(faults.workerName, Array(length).fill([]), options);
  const counts = new Map<unknown, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.values()];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe("maxTasksPerWorker", () => {
  it("replaces a worker after so many tasks", () =>
    withPool({ workers: 1, maxTasksPerWorker: 2 }, async (pool) => {
      const names: unknown[] = [];
      for (let n = 0; n < 6; n++) names.push(await pool.apply(faults.workerName));
      assert.equal(new Set(names).size, 3);
      assert.deepEqual([names[0], names[2], names[4]], [names[1], names[3], names[5]]);
    }));

  it("counts tasks, not chunks, and cuts chunks to what is left", () =>
    withPool({ workers: 1, maxTasksPerWorker: 5 }, async (pool) => {
      assert.deepEqual(await tasksByWorker(pool, 20, 3), [5, 5, 5, 5]);
    }));

  it("cuts a chunk that is larger than the limit", () =>
    withPool({ workers: 1, maxTasksPerWorker: 4 }, async (pool) => {
      assert.deepEqual(await tasksByWorker(pool, 12, 100), [4, 4, 4]);
    }));

  it("never lets a worker run more, with several workers and chunks of any size", () =>
    withPool({ workers: 3, maxTasksPerWorker: 7 }, async (pool) => {
      const counts = await tasksByWorker(pool, 60);
      assert.equal(sum(counts), 60);
      assert.ok(Math.max(...counts) <= 7, String(counts));
    }));

  it("runs each task in a worker of its own when it is 1", () =>
    withPool({ workers: 2, maxTasksPerWorker: 1 }, async (pool) => {
      assert.deepEqual(await tasksByWorker(pool, 8), Array(8).fill(1));
    }));

  it("counts tasks that throw", () =>
    withPool({ workers: 1, maxTasksPerWorker: 2 }, async (pool) => {
      const before = await pool.apply(faults.workerName);
      await assert.rejects(pool.apply(faults.throwNamed, ["error"]));
      assert.notEqual(await pool.apply(faults.workerName), before);
    }));

  it("loses no task and no worker on the way", () =>
    withPool({ workers: 2, maxTasksPerWorker: 3 }, async (pool) => {
      const items = Array.from({ length: 40 }, (_, index) => index);
      assert.deepEqual(await pool.map(faults.identity, items, { chunkSize: 7 }), items);
      const { lost, failed, completed, restarted } = pool.stats();
      assert.deepEqual([lost, failed, completed], [0, 0, 40]);
      assert.ok(restarted >= 11, String(restarted));
      await until(() => pool.stats().workers <= 2);
    }));

  it("has the replacement ready before the old worker goes", () =>
    withPool({ workers: 1, maxTasksPerWorker: 1 }, async (pool) => {
      const gate = makeGate();
      const first = pool.apply(faults.waitAndReturn, [gate, "first"]);
      await arrivals(gate, 1);
      await until(() => pool.stats().idle === 1);
      assert.deepEqual([pool.stats().workers, pool.stats().busy], [1, 1]);
      open(gate);
      assert.equal(await first, "first");
      assert.equal(await pool.apply(faults.identity, ["second"]), "second");
    }));

  it("replaces a worker that dies of its last task once", () =>
    withPool({ workers: 1, maxTasksPerWorker: 1 }, async (pool) => {
      for (let round = 0; round < 3; round++) {
        await assert.rejects(pool.apply(faults.exitProcess, [1]), { name: "WorkerLostError" });
        assert.equal(await pool.apply(faults.identity, [round]), round);
      }
      assert.equal(pool.stats().lost, 3);
      await until(() => pool.stats().workers <= 1);
    }));

  it("lets ready() resolve under steady load, when workers come and go all the time", () =>
    withPool({ workers: 2, maxTasksPerWorker: 1 }, async (pool) => {
      let isReady = false;
      const end = Date.now() + 15_000;
      const keepBusy = async () => {
        while (!isReady && Date.now() < end) await pool.apply(faults.nap, [5]);
      };
      const load = [1, 2, 3, 4, 5, 6].map(keepBusy);
      await pool.apply(faults.identity, [1]);
      for (let round = 0; round < 3; round++) await pool.ready();
      isReady = true;
      await Promise.all(load);
      assert.ok(Date.now() < end, "ready() waited for the end of the load");
      assert.equal(pool.stats().lost, 0);
    }));

  it("lets a used-up pool be closed and joined", () =>
    withPool({ workers: 2, maxTasksPerWorker: 2 }, async (pool) => {
      assert.deepEqual(await pool.map(faults.identity, [1, 2, 3, 4]), [1, 2, 3, 4]);
      pool.close();
      await pool.join();
      assert.equal(pool.stats().workers, 0);
    }));
});

describe("idleTimeout", () => {
  it("ends idle workers, and new ones start when there is work again", () =>
    withPool({ workers: 2, idleTimeout: 20 }, async (pool) => {
      await pool.ready();
      await until(() => pool.stats().workers === 0);
      assert.equal(await pool.apply(faults.identity, [1]), 1);
      await until(() => pool.stats().workers === 0);
      assert.deepEqual([pool.stats().lost, pool.stats().abandoned], [0, 0]);
    }));

  it("keeps minWorkers", () =>
    withPool({ workers: 3, minWorkers: 1, idleTimeout: 20 }, async (pool) => {
      await pool.ready();
      await until(() => pool.stats().workers === 1);
      const name = await pool.apply(faults.workerName);
      await new Promise((wake) => setTimeout(wake, 200));
      assert.equal(pool.stats().workers, 1);
      assert.equal(await pool.apply(faults.workerName), name);
    }));

  it("does not end a worker that is busy", () =>
    withPool({ workers: 1, idleTimeout: 20 }, async (pool) => {
      assert.equal(await pool.apply(faults.nap, [300]), 300);
      assert.deepEqual([pool.stats().restarted, pool.stats().lost], [0, 0]);
    }));

  it("loses no task that comes at the very moment", () =>
    withPool({ workers: 1, idleTimeout: 1 }, async (pool) => {
      for (let n = 0; n < 30; n++) {
        assert.equal(await pool.apply(faults.identity, [n]), n);
        await new Promise((wake) => setTimeout(wake, n % 4));
      }
      assert.equal(pool.stats().lost, 0);
    }));
});

describe("minWorkers", () => {
  it("are replaced when they die idle", () =>
    withPool({ workers: 2, minWorkers: 2 }, async (pool) => {
      await pool.ready();
      await pool.apply(faults.exitLater, [1]);
      await until(() => pool.stats().restarted === 1 && pool.stats().idle === 2);
    }));
});
