import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool, WorkerLostError } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { withPool } from "../fixtures/with_pool.ts";

/** More functions than a pool or a worker keeps. */
const MANY = 300;

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);
const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

type Adder = (n: number) => number;

/** A function whose text is that of no other number, made anew each time. */
function adder(by: number): Adder {
  // What `Function` makes can be called with anything; this takes a number.
  return new Function("n", `return n + ${by}`) as Adder;
}

const numbers = Array.from({ length: MANY }, (_, n) => n);

/** Calls all functions, and gives the sums. */
function callAll(pool: Pool, order: readonly number[] = numbers): Promise<number[]> {
  return Promise.all(order.map((by) => pool.apply(adder(by), [1000])));
}

const sums = numbers.map((by) => 1000 + by);

describe("A pool with many functions", () => {
  for (const workers of [0, 1, 2]) {
    it(`A pool with many functions runs each, and again from the first, with workers: ${workers}`, () =>
      withPool({ workers }, async (pool) => {
        assert.deepEqual(await callAll(pool), sums);
        assert.deepEqual(await callAll(pool), sums);
        for (const by of [0, 299, 1]) assert.equal(await pool.apply(adder(by), [1]), by + 1);
      }));
  }

  it("A pool with many functions keeps one that is held apart from its text", () =>
    withPool({ workers: 1 }, async (pool) => {
      const held = adder(7);
      for (let round = 0; round < 3; round++) {
        assert.equal(await pool.apply(held, [1]), 8);
        assert.deepEqual(await callAll(pool), sums);
        assert.equal(await pool.apply(adder(7), [1]), 8);
      }
    }));

  it("A pool with many functions runs those that wait for a busy worker", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const busy = pool.apply(tasks.hold, [{ gate, n: 1 }]);
      await arrivals(gate, 1);
      const rounds = [callAll(pool), callAll(pool, numbers.toReversed()), callAll(pool)];
      const mapped = pool.map(adder(3), [1, 2]);
      const first = pool.apply(adder(0), [1]);
      open(gate);
      assert.equal(await busy, 1);
      assert.deepEqual(await Promise.all(rounds), [sums, sums.toReversed(), sums]);
      assert.deepEqual(await mapped, [4, 5]);
      assert.equal(await first, 1);
    }));

  it("A pool with many functions runs them after a worker died", () =>
    withPool({ workers: 1 }, async (pool) => {
      const before = callAll(pool);
      const death = assert.rejects(pool.apply(faults.exitProcess, [1]), WorkerLostError);
      const after = callAll(pool);
      assert.deepEqual(await before, sums);
      await death;
      assert.deepEqual(await after, sums);
      assert.deepEqual(await callAll(pool), sums);
    }));

  it("A pool with many functions runs them though arguments are refused", () =>
    withPool({ workers: 1 }, async (pool) => {
      for (let round = 0; round < 2; round++) {
        const calls = numbers.flatMap((by) => [
          pool.apply(adder(by), [1000]),
          // The type says a number; what comes cannot be cloned.
          pool.apply(adder(by), [(() => by) as unknown as number]),
          pool.apply(tasks.square, [by]),
        ]);
        const outcomes = await Promise.allSettled(calls);
        for (const [at, outcome] of outcomes.entries()) {
          const by = Math.trunc(at / 3);
          const expected = [1000 + by, "refused", by * by][at % 3];
          assert.equal(outcome.status === "fulfilled" ? outcome.value : "refused", expected);
        }
      }
    }));

  it("A pool with many functions broadcasts each", () =>
    withPool({ workers: 2 }, async (pool) => {
      for (let round = 0; round < 2; round++) {
        const all = await Promise.all(numbers.map((by) => pool.broadcast(adder(by), [1])));
        assert.deepEqual(all, numbers.map((by) => [by + 1, by + 1]));
      }
    }));

  it("A pool with many functions runs an inline initializer in each new worker", () => {
    const initializer = () => {
      Object.assign(globalThis, { base: 5 });
    };
    return withPool({ workers: 1, initializer, maxTasksPerWorker: 100 }, async (pool) => {
      assert.deepEqual(await callAll(pool), sums);
      const base = () => Reflect.get(globalThis, "base");
      assert.equal(await pool.apply(base), 5);
    });
  });

  it("A pool with many functions finds those of modules again", () =>
    withPool({ workers: 1 }, async (pool) => {
      const modules = numbers.slice(0, 150).map((n) =>
        fromModule<{ f(): number }>(`data:text/javascript,export const f = () => ${n}`)
      );
      for (let round = 0; round < 2; round++) {
        const values = await Promise.all(modules.map(({ f }) => pool.apply(f)));
        assert.deepEqual(values, numbers.slice(0, 150));
      }
      assert.equal(await pool.apply(tasks.square, [3]), 9);
    }));

  it("A pool with many functions explains each time why an inline one finds no variable", () =>
    withPool({ workers: 1 }, async (pool) => {
      const reach = () => new Function("return nowhere + 1") as () => number;
      for (let round = 0; round < 2; round++) {
        await assert.rejects(pool.apply(reach()), /without the variables around it/);
        await callAll(pool);
      }
    }));
});
