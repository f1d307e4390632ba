import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Progress } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import type { Counter } from "../fixtures/tasks/tasks.ts";
import { until } from "../fixtures/until.ts";
import { WatchedInput } from "../fixtures/watched_input.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function makeCounter(): Counter {
  return new Int32Array(new SharedArrayBuffer(8));
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

/** A promise's outcome so far. */
function watch(promise: Promise<unknown>): { settled: boolean } {
  const state = { settled: false };
  promise.then(() => state.settled = true, () => state.settled = true);
  return state;
}

describe("map()", () => {
  for (const chunkSize of [undefined, 1, 3, 100, 100_000]) {
    it(`map() gives the values in input order with chunkSize ${chunkSize}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const options = chunkSize === undefined ? {} : { chunkSize };
        const values = await pool.map(tasks.square, range(1000), options);
        assert.deepEqual(values, range(1000).map((n) => n * n));
      }));
  }

  it("map() gives the values in input order when the first task ends last", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      let chunks = 0;
      const items = range(10).map((n) => n === 0 ? { gate, n } : { n });
      const values = pool.map(tasks.hold, items, { chunkSize: 1, onProgress: () => chunks++ });
      await until(() => chunks === 9);
      open(gate);
      assert.deepEqual(await values, range(10));
    }));

  it("map() takes any Iterable", () =>
    withPool({ workers: 2 }, async (pool) => {
      function* numbers(): Generator<number> {
        yield* [1, 2, 3];
      }
      assert.deepEqual(await pool.map(tasks.square, new Set([1, 2, 3])), [1, 4, 9]);
      assert.deepEqual(await pool.map(tasks.square, numbers()), [1, 4, 9]);
      assert.deepEqual(await pool.map(tasks.square, new Float64Array([1, 2, 3])), [1, 4, 9]);
      assert.deepEqual(await pool.map(tasks.echo, "añ😀"), ["a", "ñ", "😀"]);
      assert.deepEqual(await pool.map(tasks.echo, new Map([["k", 1]])), [["k", 1]]);
    }));

  it("map() takes an AsyncIterable, with and without chunkSize", () =>
    withPool({ workers: 2 }, async (pool) => {
      const squares = range(50).map((n) => n * n);
      assert.deepEqual(await pool.map(tasks.square, later(range(50))), squares);
      assert.deepEqual(await pool.map(tasks.square, later(range(50)), { chunkSize: 7 }), squares);
    }));

  it("map() throws at the call for items that are not iterable", () =>
    withPool({ workers: 1 }, (pool) => {
      // Wrong types, as JavaScript callers may pass them.
      for (const items of [5, null, undefined, {}]) {
        assert.throws(() => pool.map(tasks.square, items as never), TypeError);
        assert.throws(() => pool.imap(tasks.square, items as never), TypeError);
      }
    }));

  it("map() runs a million tasks", () =>
    withPool({ workers: 2 }, async (pool) => {
      const input = new WatchedInput(1_000_000);
      const values = await pool.map(tasks.square, input.sync);
      assert.equal(values.length, 1_000_000);
      assert.ok(values.every((value, n) => value === n * n));
      assert.equal(input.returned, 0);
    }));

  it("map() loses no task of a chunk larger than any message holds", () =>
    withPool({ workers: 1 }, async (pool) => {
      const values = await pool.map(tasks.square, range(70_000), { chunkSize: 65_536 });
      assert.equal(values.length, 70_000);
      assert.ok(values.every((value, n) => value === n * n));
    }));

  it("map() reads its input as workers have room, not at the call", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      let pulled = 0;
      function* input(): Generator<{ gate: typeof gate; n: number }> {
        while (pulled < 1000) yield { gate, n: pulled++ };
      }
      const values = pool.map(tasks.hold, input(), { chunkSize: 10 });
      assert.equal(pulled, 0);
      await arrivals(gate, 1);
      await settleDown();
      assert.ok(pulled <= 30, `${pulled} were read`);
      open(gate);
      assert.equal((await values).length, 1000);
    }));

  it("map() reads an AsyncIterable as workers have room", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      let pulled = 0;
      async function* input(): AsyncGenerator<{ gate: typeof gate; n: number }> {
        while (pulled < 1000) yield await Promise.resolve({ gate, n: pulled++ });
      }
      const values = pool.map(tasks.hold, input(), { chunkSize: 10 });
      await arrivals(gate, 1);
      await settleDown();
      assert.ok(pulled <= 30, `${pulled} were read`);
      open(gate);
      assert.equal((await values).length, 1000);
    }));

  it("map() gives [] for an empty input at once, without a worker", () =>
    withPool({ workers: 2 }, async (pool) => {
      assert.deepEqual(await pool.map(tasks.square, []), []);
      assert.deepEqual(await pool.map(tasks.square, new Set<number>()), []);
      assert.equal(pool.stats().workers, 0);
      assert.deepEqual(await pool.map(tasks.square, new WatchedInput(0).sync), []);
      assert.deepEqual(await pool.map(tasks.square, later<number>([])), []);
    }));

  it("map() fails the task of an item that cannot be cloned", () =>
    withPool({ workers: 1 }, async (pool) => {
      const items = [1, () => 1, 3];
      await assert.rejects(pool.map(tasks.echo, items, { chunkSize: 3 }), {
        name: "DataCloneError",
      });
      assert.deepEqual(await pool.map(tasks.echo, [1, 3]), [1, 3]);
    }));
});

describe("map() with errors", () => {
  it("map() skips the rest of the failed item's own chunk only", () =>
    withPool({ workers: 1 }, async (pool) => {
      const counter = makeCounter();
      const items = [0, 1, 2, 4, 6, 8].map((n) => ({ counter, n }));
      const values = pool.map(tasks.failOddCounted, items, { chunkSize: 3 });
      await assert.rejects(values, { name: "RangeError", message: "odd: 1" });
      assert.equal(counter[0], 5);
    }));

  it("map() settles when every chunk is done, with the first error to arrive", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      let chunks = 0;
      const values = pool.map(tasks.failOddAt, [{ gate, n: 1 }, { n: 3 }], {
        chunkSize: 1,
        onProgress: () => chunks++,
      });
      const state = watch(values);
      await arrivals(gate, 1);
      await until(() => chunks === 1);
      await settleDown();
      assert.equal(state.settled, false);
      open(gate);
      await assert.rejects(values, { message: "odd: 3" });
    }));

  it("map() with failFast rejects at once, and drops what has not started", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const log = { pulled: 0, closed: 0 };
      function* items(): Generator<{ gate?: typeof gate; n: number }> {
        try {
          yield { gate, n: 0 };
          yield { n: 1 };
          for (;;) yield { gate, n: 2 * log.pulled++ };
        } finally {
          log.closed++;
        }
      }
      const values = pool.map(tasks.failOddAt, items(), { chunkSize: 1, failFast: true });
      await assert.rejects(values, { message: "odd: 1" });
      assert.equal(log.closed, 1);
      const { pulled } = log;
      open(gate);
      await until(() => pool.stats().busy === 0);
      assert.equal(log.pulled, pulled);
      assert.ok(pulled <= 3, `${pulled} were read`);
    }));

  it("map() with failFast adds the submitter's call to the error's stack once", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await pool.map(tasks.failOdd, [1], { failFast: true }).catch((error) => error);
      const lines: string[] = error.stack.split("\n");
      const calls = lines.filter((line) => line.includes("map_test.ts"));
      assert.ok(calls.length > 0);
      assert.equal(new Set(calls).size, calls.length);
    }));

  it("map() rejects with what its input throws midway, after the tasks before it", () =>
    withPool({ workers: 1 }, async (pool) => {
      const counter = makeCounter();
      function* input(): Generator<{ counter: Counter; n: number }> {
        yield* [0, 2, 4].map((n) => ({ counter, n }));
        throw new SyntaxError("no more");
      }
      const expected = { name: "SyntaxError", message: "no more" };
      await assert.rejects(pool.map(tasks.count, input(), { chunkSize: 2 }), expected);
      assert.equal(counter[0], 3);
      await assert.rejects(pool.map(tasks.count, later(input())), expected);
      assert.equal(counter[0], 6);
    }));

  it("map() rejects with the error of an input that cannot even begin", () =>
    withPool({ workers: 1 }, async (pool) => {
      const input = new WatchedInput(3);
      const broken: Iterable<number> = {
        [Symbol.iterator]: () => ({
          next: () => {
            throw new EvalError("not today");
          },
        }),
      };
      await assert.rejects(pool.map(tasks.square, broken), EvalError);
      assert.deepEqual(await pool.map(tasks.square, input), [0, 1, 4]);
    }));
});

describe("map() and onProgress", () => {
  it("map() tells onProgress after each chunk how many are done, and of how many", () =>
    withPool({ workers: 1 }, async (pool) => {
      const seen: Progress[] = [];
      const onProgress = (progress: Progress) => seen.push(progress);
      await pool.map(tasks.square, range(7), { chunkSize: 3, onProgress });
      assert.deepEqual(seen, [3, 6, 7].map((done) => ({ done, total: 7 })));
    }));

  it("map() gives onProgress no total while the input's length is unknown", () =>
    withPool({ workers: 1 }, async (pool) => {
      const seen: Progress[] = [];
      const onProgress = (progress: Progress) => seen.push(progress);
      await pool.map(tasks.square, new WatchedInput(1000).sync, { chunkSize: 10, onProgress });
      assert.equal(seen.length, 100);
      assert.deepEqual(seen[0], { done: 10, total: undefined });
      assert.equal(seen.at(-1)?.done, 1000);
    }));

  it("map() counts skipped tasks as done", () =>
    withPool({ workers: 1 }, async (pool) => {
      const seen: Progress[] = [];
      const onProgress = (progress: Progress) => seen.push(progress);
      await assert.rejects(pool.map(tasks.failOdd, [1, 2, 4], { chunkSize: 3, onProgress }));
      assert.deepEqual(seen, [{ done: 3, total: 3 }]);
    }));

  it("map() fails with what onProgress throws, and the pool stays usable", () =>
    withPool({ workers: 1 }, async (pool) => {
      const thrown = new EvalError("from onProgress");
      let calls = 0;
      const input = new WatchedInput();
      const values = pool.map(tasks.square, input.sync, {
        chunkSize: 1,
        onProgress: () => {
          calls++;
          throw thrown;
        },
      });
      assert.equal(await values.catch((error) => error), thrown);
      await settleDown();
      assert.equal(calls, 1);
      assert.equal(input.returned, 1);
      assert.deepEqual(await pool.map(tasks.square, [3]), [9]);
    }));

  it("map() adapts its chunks to the time that tasks take", () =>
    withPool({ workers: 2 }, async (pool) => {
      let chunks = 0;
      await pool.map(tasks.square, range(100_000), { onProgress: () => chunks++ });
      assert.ok(chunks < 20_000, `${chunks} chunks`);
      assert.ok(chunks > 2, `${chunks} chunks`);
    }));
});

describe("mapAsync()", () => {
  it("mapAsync() gives the values in input order", () =>
    withPool({ workers: 2 }, async (pool) => {
      const result = pool.mapAsync(tasks.square, range(100), { chunkSize: 3 });
      assert.deepEqual(await result.get(), range(100).map((n) => n * n));
    }));
});
