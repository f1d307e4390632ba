import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import type { Counter } from "../fixtures/tasks/tasks.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

/** Tasks of a large job. */
const LARGE = 1000;

function makeCounter(): Counter {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Items whose tasks take half a millisecond and count themselves. */
function busyItems(counter: Counter, length: number): { counter: Counter; n: number }[] {
  return Array.from({ length }, (_, n) => ({ counter, n }));
}

/** A large map that has begun, and how many of its tasks have. */
async function largeMap(pool: Pool, options: { chunkSize?: number; priority?: number } = {}) {
  const counter = makeCounter();
  const promise = pool.map(tasks.countBusily, busyItems(counter, LARGE), options);
  // An error of its own is for whoever awaits it.
  promise.catch(() => {});
  await begun(counter);
  return { promise, begun: () => Atomics.load(counter, 0) };
}

/** Resolves when a task of a job has begun. */
async function begun(counter: Counter): Promise<void> {
  while (Atomics.load(counter, 0) === 0) await new Promise((wake) => setTimeout(wake, 1));
}

/** Asserts that a large job is not half done yet, then that it gets done. */
async function assertFirst(large: { promise: Promise<number[]>; begun: () => number }) {
  const atEnd = large.begun();
  assert(atEnd < LARGE / 2, `${atEnd} of ${LARGE} tasks of the large job went first`);
  assert.equal((await large.promise).length, LARGE);
}

describe("turns", () => {
  it("turns let a small map settle long before a large one that came first", () =>
    withPool({ workers: 2 }, async (pool) => {
      const large = await largeMap(pool);
      const small = await pool.map(tasks.square, [1, 2, 3, 4, 5, 6, 7, 8]);
      assert.deepEqual(small, [1, 4, 9, 16, 25, 36, 49, 64]);
      await assertFirst(large);
    }));

  it("turns let a small map of the large one's own function and chunk size through", () =>
    withPool({ workers: 1 }, async (pool) => {
      const large = await largeMap(pool, { chunkSize: 3 });
      const items = busyItems(makeCounter(), 12);
      const small = await pool.map(tasks.countBusily, items, { chunkSize: 3 });
      assert.equal(small.length, 12);
      await assertFirst(large);
    }));

  it("turns let calls of every kind through beside a large map, in their order", () =>
    withPool({ workers: 1 }, async (pool) => {
      const large = await largeMap(pool);
      const counter = makeCounter();
      const calls = Array.from({ length: 30 }, (_, n) => {
        if (n % 3 === 0) return pool.apply(tasks.takeNumber, [counter]);
        if (n % 3 === 1) return pool.applyAsync(tasks.takeNumber, [counter]);
        return pool.apply(tasks.takeNumber, [counter], { retries: 1 });
      });
      assert.deepEqual(await Promise.all(calls), calls.map((_, n) => n));
      await assertFirst(large);
    }));

  for (const method of ["apply", "applyAsync"] as const) {
    it(`turns let a map through beside a thousand ${method}() calls`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const counter = makeCounter();
        const calls = busyItems(counter, LARGE).map((item) =>
          method === "apply"
            ? pool.apply(tasks.countBusily, [item])
            : pool.applyAsync(tasks.countBusily, [item])
        );
        await begun(counter);
        assert.deepEqual(await pool.map(tasks.square, [1, 2, 3]), [1, 4, 9]);
        const promise = Promise.all(calls);
        await assertFirst({ promise, begun: () => Atomics.load(counter, 0) });
      }));
  }

  it("turns let maps through beside an endless imap that is read all the time", () =>
    withPool({ workers: 1 }, async (pool) => {
      const counter = makeCounter();
      function* endless() {
        for (let n = 0; n < 1_000_000; n++) yield { counter, n };
      }
      const stream = pool.imap(tasks.countBusily, endless(), { bufferSize: 64 });
      let isOver = false;
      const reading = (async () => {
        let read = 0;
        for await (const _ of stream) if (++read && isOver) break;
        return read;
      })();
      await begun(counter);
      const maps = [1, 2, 3].map((n) => pool.map(tasks.square, [n, n + 1]));
      assert.deepEqual(await Promise.all(maps), [[1, 4], [4, 9], [9, 16]]);
      const begunBefore = Atomics.load(counter, 0);
      isOver = true;
      assert(begunBefore < LARGE / 2, `${begunBefore} tasks of the stream went first`);
      assert(await reading > 0);
    }));

  it("turns let an imap go on beside large maps", () =>
    withPool({ workers: 2 }, async (pool) => {
      const large = await largeMap(pool);
      const read: number[] = [];
      for await (const value of pool.imap(tasks.square, [1, 2, 3, 4], { bufferSize: 1 })) {
        read.push(value);
      }
      assert.deepEqual(read, [1, 4, 9, 16]);
      await assertFirst(large);
    }));

  it("turns are taken within each priority: a higher one does not wait for its turn", () =>
    withPool({ workers: 1 }, async (pool) => {
      const high = await largeMap(pool, { priority: 1 });
      const lowest = pool.map(tasks.square, [3], { priority: -1 });
      const small = await pool.map(tasks.square, [1, 2], { priority: 1 });
      assert.deepEqual(small, [1, 4]);
      const begunBefore = high.begun();
      assert(begunBefore < LARGE / 2, `${begunBefore} of ${LARGE} tasks went first`);
      assert.deepEqual(await lowest, [9]);
      assert.equal(high.begun(), LARGE);
      await high.promise;
    }));

  it("turns follow each other chunk by chunk: map, map, calls, and so on", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const held = pool.apply(tasks.hold, [{ gate, n: 0 }]);
      await arrivals(gate, 1);
      const counter = makeCounter();
      const pairs = Array.from({ length: 6 }, () => counter);
      const maps = [1, 2].map(() => pool.map(tasks.takeNumber, pairs, { chunkSize: 2 }));
      const call = pool.apply(tasks.takeNumber, [counter]);
      open(gate);
      await held;
      assert.deepEqual(await Promise.all(maps), [[0, 1, 5, 6, 9, 10], [2, 3, 7, 8, 11, 12]]);
      assert.equal(await call, 4);
    }));
});
