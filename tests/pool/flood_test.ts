/**
 * Reports in such numbers that they could fill whole turns of the caller's event loop: what else it
 * has to do must get its turns.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, TimeoutError, WorkerLostError } from "../../mod.ts";
import { type Gate, makeGate, open } from "../fixtures/gate.ts";
import { runtime } from "../fixtures/runtime.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/flood.ts")>(
  new URL("../fixtures/tasks/flood.ts", import.meta.url),
);

const MANY = 100_000;

/**
 * Less than that, and much more than fits into the share of a turn. A browser hands over what has
 * come in many turns: some of it has been handled when the last of it is there.
 */
const FEW = runtime === "browser" ? MANY * 0.9 : MANY / 2;

/** By then a caller that hears all that has come in one turn is in the one that holds the rest. */
const MIDST = 2_000;

/** Blocks the caller until something is so, at most 20 s: meanwhile all that is sent waits. */
function block(isSo: () => boolean): void {
  const end = Date.now() + 20_000;
  while (!isSo() && Date.now() < end);
}

/** Takes some time of the caller, in ms. */
function spend(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** An `onReport` that lets everything be sent first, and does something in the midst. */
function listener(sent: Gate, inTheMidst: () => void): { heard: number; onReport(): void } {
  return {
    heard: 0,
    onReport() {
      if (this.heard++ === 0) block(() => Atomics.load(sent, 0) > 0);
      if (this.heard === MIDST) inTheMidst();
    },
  };
}

/** Counts how much happens between two ticks of a timer, at most. */
class Ticker {
  most = 0;
  #before = 0;
  readonly #count: () => number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(count: () => number) {
    this.#count = count;
    this.#timer = setInterval(() => this.#tick(), 1);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#tick();
  }

  #tick(): void {
    this.most = Math.max(this.most, this.#count() - this.#before);
    this.#before = this.#count();
  }
}

for (const workers of [0, 1]) {
  describe(`a flood of reports with workers: ${workers}`, () => {
    it("report() arrives whole and in order, before the task's result", () =>
      withPool({ workers }, async (pool) => {
        const heard: unknown[] = [];
        const onReport = (value: unknown) => heard.push(value);
        const value = await pool.apply(tasks.flood, [{ count: MANY }], { onReport });
        assert.equal(value, MANY);
        assert.equal(heard.length, MANY);
        assert.equal(heard.findIndex((value, at) => value !== at), -1);
      }));

    it("report() does no harm where nobody listens", () =>
      withPool({ workers }, async (pool) => {
        assert.equal(await pool.apply(tasks.flood, [{ count: 20_000 }]), 20_000);
        assert.equal(await pool.apply(tasks.increment, [1]), 2);
      }));

    it("report() lets timers run between calls of an onReport that takes its time", () =>
      withPool({ workers }, async (pool) => {
        let heard = 0;
        const ticker = new Ticker(() => heard);
        const onReport = () => {
          heard++;
          spend(0.1);
        };
        await pool.apply(tasks.flood, [{ count: 3_000 }], { onReport });
        ticker.stop();
        assert.equal(heard, 3_000);
        assert.ok(ticker.most < 800, `${ticker.most} in one go`);
      }));
  });
}

describe("a flood of reports", () => {
  it("report() lets the results of other workers through", () =>
    withPool({ workers: 2, idleTimeout: Infinity }, async (pool) => {
      await pool.broadcast(tasks.increment, [1]);
      const sent = makeGate();
      const quick = Promise.withResolvers<{ value: number; heard: number }>();
      const options = listener(sent, () => {
        const call = pool.apply(tasks.increment, [1]);
        call.then((value) => quick.resolve({ value, heard: options.heard }), quick.reject);
      });
      const flood = pool.apply(tasks.flood, [{ count: MANY, sent }], options);
      const { value, heard } = await quick.promise;
      assert.equal(value, 2);
      assert.ok(heard < FEW, `after ${heard}`);
      assert.equal(await flood, MANY);
      assert.equal(options.heard, MANY);
    }));

  it("report() lets the caller's timers run", () =>
    withPool({ workers: 1 }, async (pool) => {
      const sent = makeGate();
      const options = listener(sent, () => {});
      const ticker = new Ticker(() => options.heard);
      await pool.apply(tasks.flood, [{ count: MANY, sent }], options);
      ticker.stop();
      assert.equal(options.heard, MANY);
      assert.ok(ticker.most < FEW, `${ticker.most} in one go`);
    }));

  it("report() of several workers leaves as much time to others, and stays in order", () =>
    withPool({ workers: 3, idleTimeout: Infinity }, async (pool) => {
      const count = 50_000;
      const next = [0, 0, 0];
      const isAstray: boolean[] = [];
      const sent = makeGate();
      let heard = 0;
      const onReport = (value: unknown, index: number) => {
        if (heard++ === 0) block(() => Atomics.load(sent, 0) === 3);
        if (value !== next[index]) isAstray.push(true);
        next[index] = Number(value) + 1;
      };
      await pool.broadcast(tasks.increment, [1]);
      const ticker = new Ticker(() => heard);
      const items = next.map(() => ({ count, sent }));
      const values = await pool.map(tasks.flood, items, { chunkSize: 1, onReport });
      ticker.stop();
      assert.deepEqual([values, next], [[count, count, count], [count, count, count]]);
      assert.deepEqual(isAstray, []);
      assert.ok(ticker.most < MANY, `${ticker.most} in one go`);
    }));

  it("report() does not hold up the timeout of its own task", () =>
    withPool({ workers: 1 }, async (pool) => {
      const [sent, gate] = [makeGate(), makeGate()];
      const options = listener(sent, () => spend(500));
      const onReport = () => options.onReport();
      const item = { count: MANY, sent, gate };
      const call = pool.apply(tasks.floodAndHold, [item], { onReport, timeout: 400 });
      await assert.rejects(call, TimeoutError);
      open(gate);
      assert.equal(await pool.apply(tasks.increment, [1]), 2);
    }));

  it("report() does not hold up the abort of its own task, and is not heard afterwards", () =>
    withPool({ workers: 1 }, async (pool) => {
      const [sent, gate] = [makeGate(), makeGate()];
      const options = listener(sent, () => {
        setTimeout(() => call.abort(new EvalError("enough")));
      });
      const onReport = () => options.onReport();
      const call = pool.applyAsync(tasks.floodAndHold, [{ count: MANY, sent, gate }], { onReport });
      await assert.rejects(call, EvalError);
      const { heard } = options;
      open(gate);
      assert.ok(heard < FEW, `after ${heard}`);
      assert.equal(await pool.apply(tasks.increment, [1]), 2);
      await settleDown();
      assert.equal(options.heard, heard);
    }));

  it("report() is heard of a worker that ends behind it", () =>
    withPool({ workers: 1 }, async (pool) => {
      let heard = 0;
      const call = pool.apply(tasks.floodAndExit, [{ count: MANY }], { onReport: () => heard++ });
      await assert.rejects(call, WorkerLostError);
      assert.equal(heard, MANY);
      assert.equal(await pool.apply(tasks.increment, [1]), 2);
    }));

  it("report() is heard of a worker that fails behind it, however long that takes", () =>
    withPool({ workers: 1 }, async (pool) => {
      let heard = 0;
      const onReport = () => {
        heard++;
        spend(0.2);
      };
      const call = pool.apply(tasks.floodAndFail, [{ count: 5_000 }], { onReport });
      const error = await call.catch((error) => error);
      assert.ok(error instanceof WorkerLostError && error.cause !== undefined);
      assert.equal(heard, 5_000);
      assert.equal(pool.stats().abandoned, 0);
    }));

  it("terminate() does not wait for what is left of a worker that has ended", () =>
    withPool({ workers: 1 }, async (pool) => {
      let heard = 0;
      const onReport = () => {
        heard++;
        spend(0.2);
      };
      const call = pool.apply(tasks.floodAndExit, [{ count: 5_000 }], { onReport });
      const rejection = assert.rejects(call, { name: "PoolTerminatedError" });
      // By then its end is known, and most of its reports wait.
      await until(() => heard > 1_500);
      await pool.terminate();
      await rejection;
      assert.ok(heard < 5_000);
      assert.equal(pool.stats().abandoned, 0);
    }));

  it("close() lets a flood and the tasks behind it end", () =>
    withPool({ workers: 1 }, async (pool) => {
      let heard = 0;
      const options = { onReport: () => heard++ };
      const flood = pool.apply(tasks.flood, [{ count: FEW }], options);
      const behind = pool.apply(tasks.increment, [1]);
      pool.close();
      await pool.join();
      assert.deepEqual([await flood, await behind, heard], [FEW, 2, FEW]);
    }));
});
