import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, TimeoutError } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** Far more than any task below needs, far less than a test may take. */
const AMPLE = 15_000;

describe("timeout", () => {
  it("apply() rejects with a TimeoutError that names task and time", () =>
    withPool({ workers: 1 }, async (pool) => {
      const start = Date.now();
      const error = await pool.apply(faults.hang, [], { timeout: 50 }).catch((error) => error);
      assert.ok(error instanceof TimeoutError, String(error));
      assert.equal(error.name, "TimeoutError");
      assert.match(error.message, /'hang'.*50 ms/);
      assert.ok(Date.now() - start < AMPLE);
      assert.equal(await pool.apply(faults.identity, [1]), 1);
      assert.deepEqual([pool.stats().failed, pool.stats().lost], [1, 0]);
    }));

  it("apply() ends a task that blocks its thread", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      await assert.rejects(pool.apply(faults.waitAndName, [gate], { timeout: 50 }), TimeoutError);
      assert.equal(await pool.apply(faults.identity, [1]), 1);
      open(gate);
    }));

  it("apply() counts from the task's start, not from its submission", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const running = pool.apply(faults.waitAndReturn, [gate, "first"]);
      await arrivals(gate, 1);
      const waiting = [1, 2, 3].map((n) => pool.apply(faults.identity, [n], { timeout: 400 }));
      await new Promise((wake) => setTimeout(wake, 600));
      open(gate);
      assert.equal(await running, "first");
      assert.deepEqual(await Promise.all(waiting), [1, 2, 3]);
    }));

  it("apply() does not count the start of the worker", () =>
    withPool({ workers: 1, initializer: faults.nap, initArgs: [600] }, async (pool) => {
      assert.equal(await pool.apply(faults.identity, [1], { timeout: 400 }), 1);
    }));

  it("map() counts for each task", () =>
    withPool({ workers: 1 }, async (pool) => {
      const times = Array(6).fill(150);
      assert.deepEqual(await pool.map(faults.nap, times, { chunkSize: 6, timeout: 750 }), times);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("mapSettled() rejects only the task that took too long", () =>
    withPool({ workers: 1 }, async (pool) => {
      const times = [1, 2, AMPLE, 3, 4];
      const options = { chunkSize: 5, timeout: 500 };
      const outcomes = await pool.mapSettled(faults.nap, times, options);
      assert.deepEqual(
        outcomes.map((outcome) =>
          outcome.status === "fulfilled" ? outcome.value : outcome.reason.name
        ),
        [1, 2, "TimeoutError", 3, 4],
      );
      assert.deepEqual([pool.stats().completed, pool.stats().failed], [4, 1]);
    }));

  it("map() rejects with the TimeoutError, and the pool goes on", () =>
    withPool({ workers: 2 }, async (pool) => {
      const mapped = pool.map(faults.nap, [1, AMPLE, 2, 3], { chunkSize: 2, timeout: 500 });
      await assert.rejects(mapped, TimeoutError);
      assert.deepEqual(await pool.map(faults.identity, [1, 2]), [1, 2]);
    }));

  it("imap() yields the TimeoutError in its place", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = pool.imap(faults.nap, [1, AMPLE, 2], { chunkSize: 3, timeout: 500 });
      assert.equal((await results.next()).value, 1);
      await assert.rejects(results.next(), TimeoutError);
      assert.equal((await results.next()).value, 2);
      assert.equal((await results.next()).done, true);
    }));

  it("apply() with workers: 0 ends its promise, and the pool goes on", () =>
    withPool({ workers: 0 }, async (pool) => {
      await assert.rejects(pool.apply(faults.hang, [], { timeout: 50 }), TimeoutError);
      assert.equal(await pool.apply(faults.identity, [1]), 1);
    }));

  it("apply() may wait for ever, and longer than timers can", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(faults.nap, [20], { timeout: Infinity }), 20);
      assert.equal(await pool.apply(faults.nap, [20], { timeout: 2 ** 40 }), 20);
    }));
});

describe("taskTimeout", () => {
  it("is the timeout of every task that names none", () =>
    withPool({ workers: 2, taskTimeout: 500 }, async (pool) => {
      await assert.rejects(pool.apply(faults.hang), TimeoutError);
      await assert.rejects(pool.applyAsync(faults.hang).get(), TimeoutError);
      await assert.rejects(pool.map(faults.nap, [AMPLE]), TimeoutError);
      await assert.rejects(pool.starmap(faults.nap, [[AMPLE]]), TimeoutError);
      await assert.rejects(pool.imap(faults.nap, [AMPLE]).next(), TimeoutError);
      await assert.rejects(pool.broadcast(faults.nap, [AMPLE]), TimeoutError);
      assert.equal(await pool.apply(faults.identity, [1]), 1);
    }));

  it("gives way to a task's own timeout", () =>
    withPool({ workers: 1, taskTimeout: 100 }, async (pool) => {
      assert.equal(await pool.apply(faults.nap, [300], { timeout: AMPLE }), 300);
      assert.equal(await pool.apply(faults.nap, [300], { timeout: Infinity }), 300);
    }));
});
