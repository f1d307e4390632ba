import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool, type ResultIterator, TimeoutError } from "../../mod.ts";
import { arrivals, type Gate, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import type { Counter } from "../fixtures/tasks/tasks.ts";
import { until } from "../fixtures/until.ts";
import { WatchedInput } from "../fixtures/watched_input.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

type Items = Iterable<number> | AsyncIterable<number>;

/** A watched input, as an Iterable and as an AsyncIterable. */
const READINGS: Readonly<Record<string, (input: WatchedInput) => Items>> = {
  generator: (input) => input.sync,
  "async generator": (input) => ({ [Symbol.asyncIterator]: () => input[Symbol.asyncIterator]() }),
};

/** The same tasks in input order and as they end. */
const METHODS = {
  imap: (pool: Pool) => pool.imap.bind(pool),
  imapUnordered: (pool: Pool) => pool.imapUnordered.bind(pool),
} as const;

const NAMES = ["imap", "imapUnordered"] as const;

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function makeCounter(): Counter {
  return new Int32Array(new SharedArrayBuffer(8));
}

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

/** All that explicit calls of next() give: values, messages of errors. */
async function outcomes(results: ResultIterator<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (let calls = 0; calls < 100; calls++) {
    try {
      const { done, value } = await results.next();
      if (done) return seen;
      seen.push(value);
    } catch (error) {
      assert.ok(error instanceof Error);
      seen.push(error.message);
    }
  }
  throw new Error("it never ended");
}

/** Values of the first few calls of next(). */
async function take<T>(results: ResultIterator<T>, count: number): Promise<(T | undefined)[]> {
  const values: (T | undefined)[] = [];
  while (values.length < count) values.push((await results.next()).value);
  return values;
}

describe("imap()", () => {
  for (const chunkSize of [undefined, 1, 3, 1000]) {
    const options = chunkSize === undefined ? {} : { chunkSize };
    it(`imap() yields in input order with chunkSize ${chunkSize}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const values = await collect(pool.imap(tasks.square, range(300), options));
        assert.deepEqual(values, range(300).map((n) => n * n));
      }));

    it(`imapUnordered() yields each result once with chunkSize ${chunkSize}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const values = await collect(pool.imapUnordered(tasks.echo, range(300), options));
        assert.deepEqual(values.sort((a, b) => Number(a) - Number(b)), range(300));
      }));

    it(`imap() yields an item's error in its place with chunkSize ${chunkSize}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const results = pool.imap(tasks.failOdd, range(5), options);
        assert.deepEqual(await outcomes(results), [0, "odd: 1", 2, "odd: 3", 4]);
        assert.equal((await results.next()).done, true);
      }));

    it(`imapUnordered() goes on after errors with chunkSize ${chunkSize}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const seen = await outcomes(pool.imapUnordered(tasks.failOdd, range(5), options));
        assert.deepEqual(new Set(seen), new Set([0, "odd: 1", 2, "odd: 3", 4]));
        assert.equal(seen.length, 5);
      }));
  }

  it("imap() yields in input order when the first task ends last; imapUnordered() does not", () =>
    withPool({ workers: 2 }, async (pool) => {
      for (const name of NAMES) {
        const gate = makeGate();
        const items = [{ gate, n: 0 }, { n: 1 }, { n: 2 }];
        const results = METHODS[name](pool)(tasks.hold, items, { chunkSize: 1 });
        await arrivals(gate, 1);
        if (name === "imap") await assert.rejects(results.next(20), TimeoutError);
        else assert.deepEqual(await take(results, 2), [1, 2]);
        open(gate);
        assert.deepEqual(await collect(results), name === "imap" ? [0, 1, 2] : [0]);
      }
    }));

  for (const name of NAMES) {
    it(`${name}() begins at the call, not at the first next()`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const counter = makeCounter();
        const items = range(3).map((n) => ({ counter, n }));
        const results = METHODS[name](pool)(tasks.count, items);
        await until(() => counter[0] === 3);
        assert.deepEqual(await collect(results), [0, 1, 2]);
      }));

    it(`${name}() of an empty input is done at once`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const results = METHODS[name](pool)(tasks.square, []);
        assert.deepEqual(await results.next(), { done: true, value: undefined });
        assert.equal(pool.stats().workers, 0);
      }));

    it(`${name}() gives the results before an input throws midway, then the error`, () =>
      withPool({ workers: 2 }, async (pool) => {
        function* input(): Generator<number> {
          yield* [3, 4];
          throw new SyntaxError("no more");
        }
        for (const chunkSize of [1, 2, 5]) {
          const results = METHODS[name](pool)(tasks.square, input(), { chunkSize });
          const seen = await outcomes(results);
          assert.equal(seen.at(-1), "no more");
          assert.deepEqual(new Set(seen), new Set([9, 16, "no more"]));
          assert.equal((await results.next()).done, true);
        }
      }));

    it(`${name}() gives the results before an async input throws midway, then the error`, () =>
      withPool({ workers: 2 }, async (pool) => {
        async function* input(): AsyncGenerator<number> {
          yield* [3, 4];
          await Promise.resolve();
          throw new SyntaxError("no more");
        }
        for (const chunkSize of [1, 2, 5]) {
          const seen = await outcomes(METHODS[name](pool)(tasks.square, input(), { chunkSize }));
          assert.equal(seen.at(-1), "no more");
          assert.deepEqual(new Set(seen), new Set([9, 16, "no more"]));
        }
      }));

    it(`${name}() gives an error once with failFast, then is done`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const results = METHODS[name](pool)(tasks.failOdd, range(5), {
          chunkSize: 1,
          failFast: true,
        });
        assert.deepEqual(await outcomes(results), [0, "odd: 1"]);
      }));
  }

  it("imap() yields an item that cannot be cloned as an error in its place", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = pool.imap(tasks.echo, [0, () => 1, 2], { chunkSize: 3 });
      assert.equal((await results.next()).value, 0);
      await assert.rejects(results.next(), { name: "DataCloneError" });
      assert.deepEqual(await collect(results), [2]);
    }));
});

describe("next()", () => {
  it("next() serves concurrent calls in order", () =>
    withPool({ workers: 2 }, async (pool) => {
      const results = pool.imap(tasks.failOdd, range(4), { chunkSize: 1 });
      const served: number[] = [];
      const calls = range(6).map((call) => results.next().finally(() => served.push(call)));
      const settled = await Promise.allSettled(calls);
      const seen = settled.map((it) =>
        it.status === "fulfilled" ? it.value.value : it.reason.message
      );
      assert.deepEqual(seen, [0, "odd: 1", 2, "odd: 3", undefined, undefined]);
      assert.deepEqual(served, range(6));
    }));

  it("next(timeoutMs) rejects with TimeoutError, and no result is lost by it", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const results = pool.imap(tasks.hold, [{ gate, n: 1 }, { n: 2 }], { chunkSize: 1 });
      const [soon, sooner] = [results.next(20), results.next(5)];
      const patient = results.next();
      await assert.rejects(sooner, TimeoutError);
      await assert.rejects(soon, TimeoutError);
      await assert.rejects(results.next(0), TimeoutError);
      open(gate);
      assert.deepEqual(await patient, { done: false, value: 1 });
      assert.deepEqual(await results.next(60_000), { done: false, value: 2 });
      assert.equal((await results.next(60_000)).done, true);
    }));

  it("next(timeoutMs) times out within a chunk as well", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const items = [{ gate, n: 1 }, { n: 2 }, { n: 3 }];
      const results = pool.imap(tasks.hold, items, { chunkSize: 3 });
      await arrivals(gate, 1);
      await assert.rejects(results.next(5), TimeoutError);
      open(gate);
      assert.deepEqual(await collect(results), [1, 2, 3]);
    }));

  it("next(timeoutMs) honours waits above 2^31-1 ms and Infinity", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const results = pool.imap(tasks.hold, [{ gate, n: 1 }, { n: 2 }]);
      let served = 0;
      const calls = [results.next(2 ** 31), results.next(Infinity)];
      for (const call of calls) void call.then(() => served++, () => served++);
      await arrivals(gate, 1);
      await settleDown();
      assert.equal(served, 0);
      open(gate);
      assert.deepEqual((await Promise.all(calls)).map(({ value }) => value), [1, 2]);
    }));

  it("next(timeoutMs) throws at the call for a wait that is no number", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = pool.imap(tasks.square, [3]);
      // A wrong type, as JavaScript callers may pass it.
      assert.throws(() => results.next("5" as never), TypeError);
      assert.throws(() => results.next(NaN), RangeError);
      assert.equal((await results.next()).value, 9);
    }));
});

describe("bufferSize", () => {
  for (const [kind, reading] of Object.entries(READINGS)) {
    for (const name of NAMES) {
      for (const chunkSize of [1, 4, 100]) {
        const title = `bufferSize bounds how far ${name}() reads an endless ${kind}`;
        it(`${title}, chunkSize ${chunkSize}`, () =>
          withPool({ workers: 2 }, async (pool) => {
            const input = new WatchedInput();
            const options = { bufferSize: 10, chunkSize };
            const results = METHODS[name](pool)(tasks.square, reading(input), options);
            await until(() => input.pulled === 10);
            await until(() => pool.stats().busy === 0);
            await settleDown();
            assert.equal(input.pulled, 10);
            await take(results, 3);
            await until(() => input.pulled === 13);
            await until(() => pool.stats().busy === 0);
            await settleDown();
            assert.equal(input.pulled, 13);
            await results.return();
            assert.equal(input.returned, 1);
          }));
      }
    }

    it(`bufferSize is bounded by default for an endless ${kind}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const input = new WatchedInput();
        const results = pool.imap(tasks.square, reading(input));
        assert.deepEqual(await take(results, 3), [0, 1, 4]);
        await until(() => pool.stats().busy === 0);
        await settleDown();
        const { pulled } = input;
        assert.ok(pulled < 10_000, `${pulled} were read`);
        await settleDown();
        assert.equal(input.pulled, pulled);
        await results.return();
      }));

    it(`bufferSize 1 gives all results of a ${kind}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const input = new WatchedInput(20);
        const results = pool.imap(tasks.square, reading(input), { bufferSize: 1, chunkSize: 7 });
        assert.deepEqual(await collect(results), range(20).map((n) => n * n));
        assert.equal(input.returned, 0);
      }));
  }

  it("bufferSize counts an error that was taken as taken", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = pool.imap(tasks.failOdd, range(6), { bufferSize: 2 });
      assert.deepEqual(await outcomes(results), [0, "odd: 1", 2, "odd: 3", 4, "odd: 5"]);
    }));

  it("bufferSize holds a slow consumer's job back, and no other", () =>
    withPool({ workers: 1 }, async (pool) => {
      const input = new WatchedInput();
      const slow = pool.imap(tasks.square, input.sync, { bufferSize: 3 });
      await until(() => input.pulled === 3);
      assert.deepEqual(await pool.map(tasks.square, range(500)), range(500).map((n) => n * n));
      assert.deepEqual(await collect(pool.imap(tasks.echo, range(50))), range(50));
      assert.equal(input.pulled, 3);
      assert.deepEqual(await take(slow, 5), [0, 1, 4, 9, 16]);
      await slow.return();
    }));
});

describe("for await over a ResultIterator", () => {
  for (const [kind, reading] of Object.entries(READINGS)) {
    for (const name of NAMES) {
      it(`for await over ${name}() of an endless ${kind} cancels the rest at a break`, () =>
        withPool({ workers: 2 }, async (pool) => {
          const input = new WatchedInput();
          let seen = 0;
          for await (const _ of METHODS[name](pool)(tasks.square, reading(input))) {
            if (++seen === 5) break;
          }
          assert.equal(input.returned, 1);
          const { pulled } = input;
          await until(() => pool.stats().busy === 0);
          await settleDown();
          assert.deepEqual([input.pulled, input.returned], [pulled, 1]);
          assert.equal(pool.stats().queued, 0);
        }));

      it(`for await over ${name}() of an endless ${kind} ends on an item's error`, () =>
        withPool({ workers: 2 }, async (pool) => {
          const input = new WatchedInput();
          const results = METHODS[name](pool)(tasks.failOdd, reading(input), { chunkSize: 3 });
          await assert.rejects(collect(results), { name: "RangeError" });
          assert.equal(input.returned, 1);
          assert.equal((await results.next()).done, true);
          await settleDown();
          assert.equal(input.returned, 1);
        }));
    }

    it(`for await over a ${kind} that ends by itself does not call its return()`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const input = new WatchedInput(10);
        assert.equal((await collect(pool.imap(tasks.square, reading(input)))).length, 10);
        await settleDown();
        assert.equal(input.returned, 0);
      }));
  }

  it("for await cancels the rest when its body throws", () =>
    withPool({ workers: 1 }, async (pool) => {
      const input = new WatchedInput();
      const loop = async () => {
        for await (const value of pool.imap(tasks.square, input.sync)) {
          throw new EvalError(`saw ${value}`);
        }
      };
      await assert.rejects(loop(), { name: "EvalError", message: "saw 0" });
      assert.equal(input.returned, 1);
    }));

  it("for await that breaks drops what has not run", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const counter = makeCounter();
      function* items(): Generator<{ gate?: Gate; n: number }> {
        yield { n: 0 };
        for (let n = 1; n < 1000; n++) yield { gate, n };
      }
      for await (const _ of pool.imap(tasks.hold, items(), { chunkSize: 1, bufferSize: 50 })) {
        await arrivals(gate, 1);
        break;
      }
      open(gate);
      assert.equal(await pool.apply(tasks.count, [{ counter, n: 5 }]), 5);
      assert.ok(Atomics.load(gate, 1) <= 2, `${gate[1]} ran`);
    }));

  it("for await goes on where explicit next() was, through a facade", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = pool.imap(tasks.square, range(4));
      assert.equal((await results.next()).value, 0);
      // Compared as objects: their types have little in common.
      assert.notEqual(results[Symbol.asyncIterator]() as unknown, results);
      assert.deepEqual(await collect(results), [1, 4, 9]);
      assert.deepEqual(await collect(results), []);
    }));
});

describe("return()", () => {
  it("return() ends the iterator, its waiting next() calls and its input, once", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const log = { closed: 0 };
      function* items(): Generator<{ gate: Gate; n: number }> {
        try {
          for (let n = 0;; n++) yield { gate, n };
        } finally {
          log.closed++;
        }
      }
      const results = pool.imap(tasks.hold, items());
      const waiting = results.next();
      await arrivals(gate, 1);
      assert.deepEqual(await results.return(), { done: true, value: undefined });
      assert.deepEqual(await waiting, { done: true, value: undefined });
      assert.deepEqual(await results.next(), { done: true, value: undefined });
      await results.return();
      assert.equal(log.closed, 1);
      open(gate);
    }));

  it("return() waits until an async input has cleaned up", () =>
    withPool({ workers: 1 }, async (pool) => {
      let isClean = false;
      async function* input(): AsyncGenerator<number> {
        try {
          for (let n = 0;; n++) yield n;
        } finally {
          await settleDown();
          isClean = true;
        }
      }
      const results = pool.imap(tasks.square, input(), { bufferSize: 2 });
      await take(results, 1);
      await until(() => pool.stats().busy === 0);
      await settleDown();
      await results.return();
      assert.equal(isClean, true);
    }));

  it("return() of an iterator that was read to its end does no harm", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = pool.imap(tasks.square, [1]);
      assert.deepEqual(await collect(results), [1]);
      assert.equal((await results.return()).done, true);
    }));
});

describe("an iterator that nobody reads", () => {
  const endings: Readonly<Record<string, (results: ResultIterator<number>) => Promise<unknown>>> = {
    read: (results) => collect(results),
    returned: (results) => results.return(),
  };
  for (const [word, end] of Object.entries(endings)) {
    it(`join() waits after close() for an iterator that nobody reads until it is ${word}`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const input = new WatchedInput(20);
        const results = pool.imap(tasks.square, input.sync, { bufferSize: 2 });
        await until(() => input.pulled === 2);
        pool.close();
        let hasJoined = false;
        const joined = pool.join().then(() => hasJoined = true);
        await settleDown();
        assert.equal(hasJoined, false);
        await end(results);
        await joined;
      }));
  }

  it("join() waits after close() for an iterator that nobody reads until terminate()", () =>
    withPool({ workers: 1 }, async (pool) => {
      const input = new WatchedInput(20);
      const results = pool.imap(tasks.square, input.sync, { bufferSize: 2 });
      await until(() => input.pulled === 2);
      pool.close();
      let hasJoined = false;
      const joined = pool.join().then(() => hasJoined = true);
      await settleDown();
      assert.equal(hasJoined, false);
      await pool.terminate();
      await joined;
      // Held until here: one that nobody holds is returned.
      await results.return();
    }));
});
