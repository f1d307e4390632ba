import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

describe("broadcast()", () => {
  it("broadcast() starts all workers that are not up yet, and runs once in each", () =>
    withPool({ workers: 3, idleTimeout: Infinity }, async (pool) => {
      assert.equal(pool.stats().workers, 0);
      const names = await pool.broadcast(tasks.nameOfWorker);
      assert.equal(names.length, 3);
      assert.equal(new Set(names).size, 3);
      assert.equal(pool.stats().workers, 3);
      const again = await pool.broadcast(tasks.nameOfWorker);
      assert.deepEqual(again.sort(), names.sort());
    }));

  it("broadcast() passes its arguments", () =>
    withPool({ workers: 2 }, async (pool) => {
      assert.deepEqual(await pool.broadcast(tasks.add, [1, 2]), [3, 3]);
    }));

  it("broadcast() runs in all workers at the same time", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const names = pool.broadcast(tasks.nameAtGate, [gate]);
      await arrivals(gate, 2);
      open(gate);
      assert.equal(new Set(await names).size, 2);
    }));

  it("broadcast() waits for a busy worker instead of running twice in an idle one", () =>
    withPool({ workers: 2, idleTimeout: Infinity }, async (pool) => {
      await pool.ready();
      const gate = makeGate();
      const busy = pool.apply(tasks.nameAtGate, [gate]);
      await arrivals(gate, 1);
      let isOver = false;
      const broadcast = pool.broadcast(tasks.nameOfWorker).finally(() => isOver = true);
      await settleDown();
      assert.equal(isOver, false);
      open(gate);
      const names = await broadcast;
      assert.equal(new Set(names).size, 2);
      assert.ok(names.includes(await busy));
    }));

  it("broadcast() rejects with a task's error, and the pool stays usable", () =>
    withPool({ workers: 2 }, async (pool) => {
      await assert.rejects(pool.broadcast(tasks.failOdd, [1]), { message: "odd: 1" });
      assert.deepEqual(await pool.broadcast(tasks.failOdd, [2]), [2, 2]);
    }));
});
