import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type ResultIterator } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

const PAIRS: [a: number, b: number][] = [[1, 2], [3, 4], [5, 6], [7, 8]];
const SUMS = [3, 7, 11, 15];

async function* laterPairs(): AsyncGenerator<[a: number, b: number]> {
  for (const pair of PAIRS) yield await Promise.resolve(pair);
}

async function collect<T>(results: ResultIterator<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

describe("starmap()", () => {
  for (const chunkSize of [1, 3]) {
    it(`starmap() spreads each item as arguments with chunkSize ${chunkSize}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        assert.deepEqual(await pool.starmap(tasks.add, PAIRS, { chunkSize }), SUMS);
        assert.deepEqual(await pool.starmap(tasks.add, laterPairs(), { chunkSize }), SUMS);
        assert.deepEqual(await pool.starmapAsync(tasks.add, PAIRS, { chunkSize }).get(), SUMS);
        assert.deepEqual(await collect(pool.istarmap(tasks.add, PAIRS, { chunkSize })), SUMS);
        const unordered = await collect(pool.istarmapUnordered(tasks.add, PAIRS, { chunkSize }));
        assert.deepEqual(unordered.sort((a, b) => a - b), SUMS);
      }));
  }

  it("starmap() takes lists of different lengths, empty ones as well; map() does not spread", () =>
    withPool({ workers: 1 }, async (pool) => {
      const lists = [[], [1], [1, 2, 3]];
      assert.deepEqual(await pool.starmap(tasks.argumentCount, lists), [0, 1, 3]);
      assert.deepEqual(await pool.map(tasks.argumentCount, lists), [1, 1, 1]);
    }));

  it("starmap() gives [] for an empty input, without a worker", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.deepEqual(await pool.starmap(tasks.add, []), []);
      assert.equal(pool.stats().workers, 0);
    }));

  it("istarmap() fails the one task whose arguments cannot be spread", () =>
    withPool({ workers: 1 }, async (pool) => {
      // Wrong types, as JavaScript callers may pass them.
      const lists = [[1, 2], 5 as never, [3, 4]] as [number, number][];
      const sums = pool.istarmap(tasks.add, lists, { chunkSize: 3 });
      assert.deepEqual(await sums.next(), { done: false, value: 3 });
      await assert.rejects(sums.next(), TypeError);
      assert.deepEqual(await sums.next(), { done: false, value: 7 });
      assert.equal((await sums.next()).done, true);
    }));

  it("istarmapUnordered() yields as tasks end, istarmap() in input order", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const lists: [{ gate?: typeof gate; n: number }][] = [[{ gate, n: 1 }], [{ n: 2 }]];
      const unordered = pool.istarmapUnordered(tasks.hold, lists, { chunkSize: 1 });
      assert.equal((await unordered.next()).value, 2);
      await arrivals(gate, 1);
      open(gate);
      assert.equal((await unordered.next()).value, 1);
      assert.deepEqual(await collect(pool.istarmap(tasks.hold, lists, { chunkSize: 1 })), [1, 2]);
    }));
});
