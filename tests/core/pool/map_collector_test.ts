import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Collector, MapCollector, SettledCollector } from "../../../core/pool/collectors.ts";

/** The outcome of a collector, after what the test tells it. */
function outcomeOf<R>(
  make: (resolvers: PromiseWithResolvers<R>) => Collector,
  tell: (collector: Collector) => void,
): Promise<R> {
  const resolvers = Promise.withResolvers<R>();
  tell(make(resolvers));
  return resolvers.promise;
}

const map = (tell: (collector: Collector) => void) =>
  outcomeOf<unknown[]>((resolvers) => new MapCollector(resolvers), tell);
const settled = (tell: (collector: Collector) => void) =>
  outcomeOf<PromiseSettledResult<unknown>[]>((resolvers) => new SettledCollector(resolvers), tell);

describe("MapCollector", () => {
  it("resolves to the values in input order, in whatever order they come", async () => {
    const values = await map((collector) => {
      for (const index of [2, 0, 1]) collector.fulfil(index, [index * 10]);
      collector.end();
    });
    assert.deepEqual(values, [0, 10, 20]);
  });

  it("makes one array of blocks of any kind, whatever length it was told", async () => {
    const blocks = [
      new Int32Array([7, -1, 0]),
      new Float64Array([0.5, -0, NaN]),
      ["text", undefined],
      new Int32Array([2]),
      [{ x: 1 }],
      new Float64Array(40).fill(2 ** 40),
    ];
    const whole = blocks.flatMap((block) => [...block]);
    for (const told of [0, whole.length, 1000, 2 ** 25]) {
      for (const order of [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [1, 0, 5, 3, 2, 4]]) {
        const values = await outcomeOf<unknown[]>(
          (resolvers) => new MapCollector(resolvers, told),
          (collector) => {
            for (const at of order) {
              const first = blocks.slice(0, at).reduce((sum, { length }) => sum + length, 0);
              collector.fulfil(first, blocks[at] ?? []);
            }
            collector.end();
          },
        );
        assert.deepEqual(values, whole);
      }
    }
  });

  it("resolves to an empty array, and keeps values that are undefined", async () => {
    assert.deepEqual(await map((collector) => collector.end()), []);
    const values = await map((collector) => {
      collector.fulfil(0, [undefined]);
      collector.end();
    });
    assert.deepEqual(values, [undefined]);
  });

  it("rejects with the first error to arrive, even one that is undefined, but not before the end", async () => {
    let isOver = false;
    const result = map((collector) => {
      collector.reject(3, undefined);
      collector.reject(0, new Error("later"));
      queueMicrotask(() => {
        isOver = true;
        collector.end({ error: new Error("input") });
      });
    });
    await assert.rejects(async () => {
      try {
        await result;
      } catch (error) {
        assert.deepEqual([error, isOver], [undefined, true]);
        throw new Error("as expected");
      }
    }, /as expected/);
  });

  it("rejects with the error of its input, or of its job", async () => {
    const torn = { error: new Error("torn") };
    await assert.rejects(map((collector) => collector.end(torn)), torn.error);
    await assert.rejects(map((collector) => collector.fail(torn.error)), torn.error);
  });
});

describe("SettledCollector", () => {
  it("resolves to each task's outcome, in input order", async () => {
    const reason = new Error("odd");
    const outcomes = await settled((collector) => {
      collector.reject(1, reason);
      collector.fulfil(2, ["c"]);
      collector.fulfil(0, ["a"]);
      collector.end();
    });
    assert.deepEqual(outcomes, [
      { status: "fulfilled", value: "a" },
      { status: "rejected", reason },
      { status: "fulfilled", value: "c" },
    ]);
  });

  it("rejects with the error of its input, or of its job", async () => {
    const torn = { error: new Error("torn") };
    await assert.rejects(settled((collector) => collector.end(torn)), torn.error);
    await assert.rejects(settled((collector) => collector.fail(torn.error)), torn.error);
  });
});
