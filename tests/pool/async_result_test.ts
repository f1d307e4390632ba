import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AsyncOptions,
  AsyncResult,
  fromModule,
  type Pool,
  PoolStateError,
  TimeoutError,
} from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

/** The same success and failure through each method that takes callbacks. */
type Submit = (pool: Pool, n: number, options: AsyncOptions<unknown>) => AsyncResult<unknown>;

const METHODS: Readonly<Record<string, Submit>> = {
  applyAsync: (pool, n, options) => pool.applyAsync(tasks.failOdd, [n], options),
  mapAsync: (pool, n, options) => pool.mapAsync(tasks.failOdd, [n], options),
  starmapAsync: (pool, n, options) => pool.starmapAsync(tasks.failOdd, [[n]], options),
};

describe("AsyncResult", () => {
  it("AsyncResult can be awaited, and is a promise in all its methods", () =>
    withPool({ workers: 1 }, async (pool) => {
      const result = pool.applyAsync(tasks.square, [3]);
      assert.ok(result instanceof AsyncResult);
      const promise: Promise<number> = result;
      const log: unknown[] = [];
      log.push(await promise);
      log.push(await result.then((value) => value + 1));
      log.push(await result.catch(() => "never"));
      log.push(await result.finally(() => log.push("finally")));
      assert.deepEqual(log, [9, 10, 9, "finally", 9]);
      const failing = pool.applyAsync(tasks.failOdd, [1]);
      assert.equal(await failing.catch((error) => String(error)), "RangeError: odd: 1");
      assert.equal(await failing.then(() => "", () => "handled"), "handled");
      await assert.rejects(failing.finally(() => {}), RangeError);
    }));

  it("get() gives the value as often as it is asked", () =>
    withPool({ workers: 1 }, async (pool) => {
      const result = pool.applyAsync(tasks.square, [3]);
      assert.deepEqual(await Promise.all([result.get(), result.get(60_000)]), [9, 9]);
      assert.equal(await result.get(0), 9);
    }));

  it("get() that times out does not cancel the task", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const result = pool.applyAsync(tasks.hold, [{ gate, n: 5 }]);
      await arrivals(gate, 1);
      await assert.rejects(result.get(5), TimeoutError);
      await assert.rejects(result.get(0), TimeoutError);
      assert.equal(result.ready(), false);
      open(gate);
      assert.equal(await result.get(), 5);
    }));

  it("get() and wait() honour waits above 2^31-1 ms and Infinity", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const result = pool.applyAsync(tasks.hold, [{ gate, n: 5 }]);
      let waited = 0;
      const waits = [2 ** 31, 1e12, Infinity].flatMap((ms) => [
        result.get(ms).then(() => waited++),
        result.wait(ms).then(() => waited++),
      ]);
      await arrivals(gate, 1);
      await settleDown();
      assert.equal(waited, 0);
      open(gate);
      await Promise.all(waits);
      assert.equal(waited, 6);
    }));

  it("get() and wait() throw at the call for a wait that is no number", () =>
    withPool({ workers: 1 }, async (pool) => {
      const result = pool.applyAsync(tasks.square, [2]);
      // Wrong types, as JavaScript callers may pass them.
      assert.throws(() => result.get("5" as never), TypeError);
      assert.throws(() => result.wait(null as never), TypeError);
      assert.throws(() => result.get(NaN), RangeError);
      assert.throws(() => result.wait(NaN), RangeError);
      assert.equal(await result, 4);
    }));

  it("wait() never rejects, and resolves when its time is over", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const failing = pool.applyAsync(tasks.failOddAt, [{ gate, n: 1 }]);
      assert.equal(await failing.wait(5), undefined);
      assert.equal(failing.ready(), false);
      open(gate);
      assert.equal(await failing.wait(), undefined);
      assert.equal(failing.ready(), true);
    }));

  it("successful() throws while the result is not ready, then tells how it ended", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const good = pool.applyAsync(tasks.failOddAt, [{ gate, n: 2 }]);
      const bad = pool.applyAsync(tasks.failOddAt, [{ gate, n: 1 }]);
      assert.throws(() => good.successful(), PoolStateError);
      assert.deepEqual([good.ready(), bad.ready()], [false, false]);
      open(gate);
      await Promise.all([good.wait(), bad.wait()]);
      assert.deepEqual([good.ready(), bad.ready()], [true, true]);
      assert.deepEqual([good.successful(), bad.successful()], [true, false]);
    }));

  it("AsyncResult keeps an error until someone asks, and it is no unhandled rejection", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const slow = pool.applyAsync(tasks.square, [1]);
      const bad = pool.applyAsync(tasks.failOdd, [1]);
      const bads = pool.mapAsync(tasks.failOdd, [1]);
      const last = pool.applyAsync(tasks.hold, [{ gate, n: 2 }]);
      assert.equal(await slow.get(), 1);
      await arrivals(gate, 1);
      await settleDown();
      open(gate);
      assert.equal(await last.get(), 2);
      await assert.rejects(bad.get(), RangeError);
      await assert.rejects(bads.get(), RangeError);
    }));
});

describe("callback and errorCallback", () => {
  for (const [method, submit] of Object.entries(METHODS)) {
    it(`${method}() calls back once, on success only, before the result is ready`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const log: unknown[] = [];
        const result: AsyncResult<unknown> = submit(pool, 2, {
          callback: (value) => log.push(value, result.ready()),
          errorCallback: () => log.push("errorCallback"),
        });
        await result.wait();
        assert.deepEqual(log, [method === "applyAsync" ? 2 : [2], false]);
        assert.equal(result.ready(), true);
        await settleDown();
        assert.equal(log.length, 2);
      }));

    it(`${method}() calls errorCallback once, on failure only, before the result is ready`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const log: unknown[] = [];
        const result: AsyncResult<unknown> = submit(pool, 1, {
          callback: () => log.push("callback"),
          errorCallback: (error) => log.push(error, result.ready()),
        });
        await result.wait();
        assert.equal(log.length, 2);
        assert.ok(log[0] instanceof RangeError);
        assert.equal(log[1], false);
        assert.equal(await result.catch((error) => error), log[0]);
      }));

    it(`${method}() gives what a throwing callback threw, and errorCallback does not follow`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const thrown = new SyntaxError("from the callback");
        let errorCalls = 0;
        const result = submit(pool, 2, {
          callback: () => {
            throw thrown;
          },
          errorCallback: () => errorCalls++,
        });
        assert.equal(await result.get().catch((error) => error), thrown);
        assert.equal(result.successful(), false);
        assert.equal(errorCalls, 0);
      }));

    it(`${method}() gives what a throwing errorCallback threw, with the task's error as cause`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const thrown = new SyntaxError("from the errorCallback");
        const result = submit(pool, 1, {
          errorCallback: () => {
            throw thrown;
          },
        });
        assert.equal(await result.get().catch((error) => error), thrown);
        assert.ok(thrown.cause instanceof RangeError);
        assert.equal(thrown.cause.message, "odd: 1");
      }));
  }

  it("mapAsync() and starmapAsync() give [] for an empty input without calling back", () =>
    withPool({ workers: 1 }, async (pool) => {
      let calls = 0;
      const options = { callback: () => calls++, errorCallback: () => calls++ };
      assert.deepEqual(await pool.mapAsync(tasks.square, [], options), []);
      assert.deepEqual(await pool.starmapAsync(tasks.add, [], options), []);
      await settleDown();
      assert.equal(calls, 0);
      assert.equal(pool.stats().workers, 0);
    }));

  it("applyAsync() keeps the cause that an errorCallback's error has already", () =>
    withPool({ workers: 1 }, async (pool) => {
      const cause = new EvalError("its own");
      const result = pool.applyAsync(tasks.failOdd, [1], {
        errorCallback: () => {
          throw new Error("again", { cause });
        },
      });
      const error = await result.get().catch((error) => error);
      assert.equal(error.message, "again");
      assert.equal(error.cause, cause);
    }));
});
