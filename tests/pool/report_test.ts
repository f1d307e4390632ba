import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { currentTask, fromModule, isPoolWorker } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

describe("currentTask()", () => {
  it("currentTask() is undefined outside a task", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(currentTask(), undefined);
      await pool.apply(tasks.here);
      assert.equal(currentTask(), undefined);
    }));

  it("currentTask() gives the worker's name, the same to all tasks of one worker", () =>
    withPool({ workers: 1, name: "crew", idleTimeout: Infinity }, async (pool) => {
      const [first, second] = [await pool.apply(tasks.here), await pool.apply(tasks.here)];
      assert.match(first.workerName ?? "", /^crew/);
      assert.deepEqual(first, second);
    }));

  it("currentTask() is the same task after an await", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(tasks.taskAfterwards), true);
    }));

  it("currentTask() is undefined in the initializer, which is no task", () =>
    withPool({ workers: 1, initializer: tasks.rememberTask }, async (pool) => {
      assert.equal(await pool.apply(tasks.rememberedTask), "undefined");
    }));

  it("currentTask() has a signal that has not aborted while nobody aborts", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(tasks.signalState), "AbortSignal false");
    }));

  it("isPoolWorker() is true in a worker and false here", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(isPoolWorker(), false);
      assert.equal((await pool.apply(tasks.here)).inWorker, true);
    }));
});

describe("report()", () => {
  it("report() reaches onReport in order, and before the task's end", () =>
    withPool({ workers: 1 }, async (pool) => {
      const log: unknown[] = [];
      const onReport = (value: unknown) => log.push(value);
      const values = [1, "two", { three: 3 }];
      log.push(await pool.apply(tasks.reportAll, [values], { onReport }));
      assert.deepEqual(log, [...values, 3]);
      await pool.applyAsync(tasks.reportAll, [[4]], { onReport });
      assert.equal(log.at(-1), 4);
    }));

  it("report() arrives while the task still runs", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const reports: unknown[] = [];
      const call = pool.apply(tasks.reportAndHold, [gate], {
        onReport: (value) => reports.push(value),
      });
      await arrivals(gate, 1);
      await until(() => reports.length > 0);
      assert.deepEqual(reports, ["begun"]);
      open(gate);
      assert.equal(await call, "over");
    }));

  for (const chunkSize of [1, 3]) {
    it(`report() reaches onReport of a map with the task's index, chunkSize ${chunkSize}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const reports: [number, unknown][] = [];
        const onReport = (value: unknown, index: number) => reports.push([index, value]);
        const items = [10, 11, 12, 13, 14];
        await pool.map(tasks.reportTwice, items, { chunkSize, onReport });
        const expected = items.flatMap((n, index) => [[index, n], [index, -n]]);
        assert.deepEqual(reports.sort(([a], [b]) => a - b), expected);
      }));

    it(`report() reaches onReport of an imap with the task's index, chunkSize ${chunkSize}`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const reports: [number, unknown][] = [];
        const onReport = (value: unknown, index: number) => reports.push([index, value]);
        const results = pool.imap(tasks.reportTwice, [10, 11], { chunkSize, onReport });
        for await (const _ of results);
        assert.deepEqual(reports, [[0, 10], [0, -10], [1, 11], [1, -11]]);
      }));
  }

  it("report() without an onReport goes nowhere and does no harm", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(tasks.reportAll, [[1, 2]]), 2);
      assert.deepEqual(await pool.map(tasks.reportTwice, [3]), [3]);
    }));

  it("report() throws in the task for what cannot be cloned", () =>
    withPool({ workers: 1 }, async (pool) => {
      const reports: unknown[] = [];
      const onReport = (value: unknown) => reports.push(value);
      assert.equal(await pool.apply(tasks.reportUnclonable, [], { onReport }), "DataCloneError");
      assert.deepEqual(reports, []);
    }));
});

describe("onReport that throws", () => {
  const thrown = new EvalError("from onReport");
  const onReport = () => {
    throw thrown;
  };

  it("onReport that throws fails apply() with its exception, and the pool stays usable", () =>
    withPool({ workers: 1 }, async (pool) => {
      const call = pool.apply(tasks.reportAll, [[1]], { onReport });
      assert.equal(await call.catch((error) => error), thrown);
      assert.equal(await pool.apply(tasks.square, [3]), 9);
    }));

  it("onReport that throws fails map(), and is not called again", () =>
    withPool({ workers: 1 }, async (pool) => {
      let calls = 0;
      const values = pool.map(tasks.reportTwice, [1, 2, 3], {
        onReport: () => {
          calls++;
          throw thrown;
        },
      });
      assert.equal(await values.catch((error) => error), thrown);
      await settleDown();
      assert.equal(calls, 1);
      assert.deepEqual(await pool.map(tasks.square, [3]), [9]);
    }));

  it("onReport that throws ends imap() with its exception", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = pool.imap(tasks.reportTwice, [1, 2, 3], { onReport });
      assert.equal(await results.next().catch((error) => error), thrown);
      assert.equal((await results.next()).done, true);
    }));

  it("onReport that throws fails mapSettled() as a whole", () =>
    withPool({ workers: 1 }, async (pool) => {
      const outcomes = pool.mapSettled(tasks.reportTwice, [1, 2], { onReport });
      assert.equal(await outcomes.catch((error) => error), thrown);
    }));
});
