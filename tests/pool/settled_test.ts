import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule } from "../../mod.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

/** Values as they are, errors by their message. */
function shown(outcomes: PromiseSettledResult<unknown>[]): unknown[] {
  return outcomes.map((it) => it.status === "fulfilled" ? it.value : it.reason.message);
}

describe("mapSettled()", () => {
  for (const chunkSize of [1, 2, 5]) {
    for (const failFast of [false, true]) {
      const title = `mapSettled() runs every task, chunkSize ${chunkSize}, failFast ${failFast}`;
      it(`${title}, and gives each outcome in its place`, () =>
        withPool({ workers: 2 }, async (pool) => {
          const options = { chunkSize, failFast };
          const outcomes = await pool.mapSettled(tasks.failOdd, [0, 1, 2, 3, 4], options);
          assert.deepEqual(shown(outcomes), [0, "odd: 1", 2, "odd: 3", 4]);
          assert.ok(outcomes[1]?.status === "rejected");
          assert.ok(outcomes[1].reason instanceof RangeError);
        }));
    }
  }

  it("mapSettled() gives [] for an empty input", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.deepEqual(await pool.mapSettled(tasks.square, []), []);
    }));

  it("mapSettled() gives items and results that cannot be cloned in their places", () =>
    withPool({ workers: 1 }, async (pool) => {
      const items = [1, () => 1, 3];
      const outcomes = await pool.mapSettled(tasks.echo, items, { chunkSize: 3 });
      assert.deepEqual(outcomes.map((it) => it.status), ["fulfilled", "rejected", "fulfilled"]);
      assert.ok(outcomes[1]?.status === "rejected" && outcomes[1].reason instanceof DOMException);
      const [result] = await pool.mapSettled(tasks.returnUnclonable, [undefined]);
      assert.equal(result?.status === "rejected" && result.reason.name, "SerializationError");
    }));

  it("mapSettled() rejects with what its input throws", () =>
    withPool({ workers: 1 }, async (pool) => {
      function* input(): Generator<number> {
        yield 1;
        throw new SyntaxError("no more");
      }
      await assert.rejects(pool.mapSettled(tasks.square, input()), SyntaxError);
    }));
});
