import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import type { Counter } from "../fixtures/tasks/tasks.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

function makeCounter(): Counter {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Submits while the only worker is busy, and gives what the calls then gave. */
async function whileBusy<T>(pool: Pool, submit: () => Promise<T>): Promise<T> {
  const gate = makeGate();
  const busy = pool.apply(tasks.hold, [{ gate, n: 0 }]);
  await arrivals(gate, 1);
  const submitted = submit();
  open(gate);
  await busy;
  return submitted;
}

describe("priority", () => {
  it("priority puts higher tasks first, and keeps first come first served within one", () =>
    withPool({ workers: 1 }, async (pool) => {
      const counter = makeCounter();
      const priorities = [0, 5, -1, 5, 0, 1.5, -1];
      const places = await whileBusy(
        pool,
        () =>
          Promise.all(
            priorities.map((priority) => pool.apply(tasks.takeNumber, [counter], { priority })),
          ),
      );
      assert.deepEqual(places, [3, 0, 5, 1, 4, 2, 6]);
    }));

  it("priority is 0 by default", () =>
    withPool({ workers: 1 }, async (pool) => {
      const counter = makeCounter();
      const places = await whileBusy(pool, () =>
        Promise.all([
          pool.apply(tasks.takeNumber, [counter], { priority: -1 }),
          pool.apply(tasks.takeNumber, [counter]),
          pool.apply(tasks.takeNumber, [counter], { priority: 0 }),
          pool.apply(tasks.takeNumber, [counter], { priority: 1 }),
        ]));
      assert.deepEqual(places, [3, 1, 2, 0]);
    }));

  it("priority lets a later job overtake a map, even one that has begun", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const counter = makeCounter();
      const held = pool.apply(tasks.hold, [{ gate, n: 0 }]);
      const items = Array.from({ length: 20 }, () => counter);
      const low = pool.map(tasks.takeNumber, items, { chunkSize: 5 });
      await arrivals(gate, 1);
      const high = pool.map(tasks.takeNumber, [counter, counter], { priority: 1 });
      open(gate);
      await held;
      assert.deepEqual(await high, [0, 1]);
      assert.equal((await low)[0], 2);
    }));

  it("priority orders imap() jobs as well", () =>
    withPool({ workers: 1 }, async (pool) => {
      const counter = makeCounter();
      const [low, high] = await whileBusy(pool, () => {
        const low = pool.imap(tasks.takeNumber, [counter], { priority: -3 });
        const high = pool.imap(tasks.takeNumber, [counter], { priority: 3 });
        return Promise.all([low.next(), high.next()]);
      });
      assert.deepEqual([low.value, high.value], [1, 0]);
    }));
});
