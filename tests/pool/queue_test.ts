import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, QueueFullError } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

describe("maxQueue", () => {
  it("maxQueue makes apply() and applyAsync() reject when so many tasks wait", () =>
    withPool({ workers: 1, maxQueue: 2 }, async (pool) => {
      const gate = makeGate();
      const running = pool.apply(tasks.hold, [{ gate, n: 0 }]);
      await arrivals(gate, 1);
      const waiting = [pool.apply(tasks.square, [2]), pool.applyAsync(tasks.square, [3])];
      const refused = [
        pool.apply(tasks.square, [4]),
        pool.apply(tasks.square, [4], { priority: 1 }),
        pool.applyAsync(tasks.square, [5]),
      ];
      for (const call of refused) await assert.rejects(call, QueueFullError);
      open(gate);
      assert.equal(await running, 0);
      assert.deepEqual(await Promise.all(waiting), [4, 9]);
      assert.equal(await pool.apply(tasks.square, [6]), 36);
    }));

  it("maxQueue counts calls of one tick before a worker has started", () =>
    withPool({ workers: 2, maxQueue: 1 }, async (pool) => {
      const calls = [1, 2, 3, 4].map((n) => pool.apply(tasks.square, [n]));
      const outcomes = await Promise.allSettled(calls);
      assert.deepEqual(
        outcomes.map((it) => it.status === "fulfilled" ? it.value : it.reason.name),
        [1, 4, 9, "QueueFullError"],
      );
    }));

  it("maxQueue 0 refuses whatever would wait", () =>
    withPool({ workers: 1, maxQueue: 0 }, async (pool) => {
      const gate = makeGate();
      const running = pool.apply(tasks.hold, [{ gate, n: 7 }]);
      await arrivals(gate, 1);
      await assert.rejects(pool.apply(tasks.square, [1]), QueueFullError);
      open(gate);
      assert.equal(await running, 7);
    }));

  it("maxQueue makes an errorCallback run, as any failure does", () =>
    withPool({ workers: 1, maxQueue: 0 }, async (pool) => {
      const gate = makeGate();
      const running = pool.apply(tasks.hold, [{ gate, n: 7 }]);
      const errors: unknown[] = [];
      const refused = pool.applyAsync(tasks.square, [1], {
        errorCallback: (error) => errors.push(error),
      });
      await refused.wait();
      assert.equal(errors.length, 1);
      assert.ok(errors[0] instanceof QueueFullError);
      open(gate);
      await running;
    }));

  it("maxQueue never refuses lazy jobs, which count no more than they have in flight", () =>
    withPool({ workers: 1, maxQueue: 5 }, async (pool) => {
      const gate = makeGate();
      const items = Array.from({ length: 200 }, (_, n) => ({ gate, n }));
      const map = pool.map(tasks.hold, items, { chunkSize: 1 });
      const imap = pool.imap(tasks.hold, items, { chunkSize: 1 });
      await arrivals(gate, 1);
      await settleDown();
      assert.ok(pool.stats().queued <= 3, `${pool.stats().queued} are queued`);
      const call = pool.apply(tasks.square, [3], { priority: 1 });
      open(gate);
      assert.equal(await call, 9);
      assert.equal((await map).length, 200);
      await imap.return();
    }));
});

describe("stats()", () => {
  it("stats() tells what waits and what runs", () =>
    withPool({ workers: 2, idleTimeout: Infinity }, async (pool) => {
      const gate = makeGate();
      const calls = [1, 2, 3, 4, 5].map((n) => pool.apply(tasks.hold, [{ gate, n }]));
      await arrivals(gate, 2);
      const { workers, idle, busy, queued, running, completed } = pool.stats();
      assert.deepEqual({ workers, idle, busy, queued, running, completed }, {
        workers: 2,
        idle: 0,
        busy: 2,
        queued: 3,
        running: 2,
        completed: 0,
      });
      open(gate);
      await Promise.all(calls);
      await until(() => pool.stats().idle === 2);
      assert.deepEqual(pool.stats(), {
        workers: 2,
        idle: 2,
        busy: 0,
        queued: 0,
        running: 0,
        completed: 5,
        failed: 0,
        lost: 0,
        restarted: 0,
        abandoned: 0,
      });
    }));

  it("stats() counts nothing in a pool that has done nothing", () =>
    withPool({ workers: 2 }, (pool) => {
      assert.deepEqual(new Set(Object.values(pool.stats())), new Set([0]));
    }));
});
