/**
 * Generated values on their way to real workers and back, packed or as they are. A failure prints the seed that makes it again: pass it to `fc.assert`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fromModule, type Pool, SerializationError } from "../../mod.ts";
import { cloneDifference } from "../fixtures/values/clone_difference.ts";
import { ODDITIES } from "../fixtures/tasks/encoding.ts";
import { packable, twistedLists } from "../fixtures/values/packing_values.ts";
import { rejectionOf } from "../fixtures/rejection.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/encoding.ts")>(
  new URL("../fixtures/tasks/encoding.ts", import.meta.url),
);

/** Tasks enough for every generated list, so that it travels as one. */
const chunkSize = 100;

/** So few tasks that their values travel as they are, and so many that they may be packed. */
const SIZES = [20, chunkSize];

type Method = (pool: Pool, values: unknown[]) => Promise<unknown[]>;

/** Ways to and back. */
const methods: Readonly<Record<string, Method>> = {
  "map()": (pool, values) => pool.map(tasks.echo, values, { chunkSize }),
  "map() in chunks of any size": (pool, values) => pool.map(tasks.echo, values),
  "map() of an iterator": (pool, values) => pool.map(tasks.echo, values.values(), { chunkSize }),
  "imap()": (pool, values) => Array.fromAsync(pool.imap(tasks.echo, values, { chunkSize })),
  "starmap() with one argument": (pool, values) =>
    pool.starmap(tasks.echo, values.map((value) => [value]), { chunkSize }),
  "starmap() with two arguments": (pool, values) =>
    pool.starmap(tasks.echoFirst, values.map((value, at) => [value, at]), { chunkSize }),
  "apply()": (pool, values) =>
    Promise.all(Array.from(values, (value) => pool.apply(tasks.echo, [value]))),
};

/** Runs a test with one worker that sees to it that it sends lists packed, the same as came in. */
function withPacking(isExpected: boolean, test: (pool: Pool) => Promise<void>): Promise<void> {
  const options = { workers: 1, minWorkers: 1, idleTimeout: Infinity };
  return withPool(options, async (pool) => {
    await pool.apply(tasks.countPacked);
    await test(pool);
    const packed = await pool.apply(tasks.packedHere);
    if (isExpected) assert(packed >= 5, `${packed} lists were packed`);
  });
}

/** Fails unless each value is a clone of its counterpart; two objects may be one in a message. */
function assertClones(actual: readonly unknown[], expected: readonly unknown[]): void {
  assert.equal(actual.length, expected.length);
  for (const [at, value] of expected.entries()) {
    const difference = cloneDifference(actual[at], value);
    assert.equal(difference, undefined, `[${at}] ${difference}`);
  }
}

/** What becomes of a value alone, there and back. */
function outcomeOf(value: unknown): { value?: unknown; refused: boolean } {
  try {
    return { value: structuredClone(structuredClone(value)), refused: false };
  } catch {
    return { refused: true };
  }
}

describe("Encodings", () => {
  for (const [name, run] of Object.entries(methods)) {
    it(`${name} gives what a structured clone would be`, () =>
      withPacking(name !== "apply()", async (pool) => {
        const check = async (values: unknown[]) => {
          assertClones(await run(pool, values), structuredClone(values));
        };
        await fc.assert(fc.asyncProperty(packable, check), { numRuns: 60 });
      }));
  }

  it("apply() gives clones where so many calls are made that they travel together", () =>
    withPacking(true, async (pool) => {
      const check = async (values: unknown[]) => {
        const promises = values.map((value) => pool.apply(tasks.echo, [value]));
        assertClones(await Promise.all(promises), structuredClone(values));
      };
      const ints = fc.array(fc.integer(), { minLength: 2000, maxLength: 2000 });
      const objects = ints.map((list) => list.map((n) => ({ n, half: n / 2, text: `${n}` })));
      await fc.assert(fc.asyncProperty(fc.oneof(ints, objects), check), { numRuns: 10 });
    }));

  it("mapSettled() refuses the values that cannot be cloned, and no others", () =>
    withPool({ workers: 1 }, async (pool) => {
      const refused = { here: 0, elsewhere: 0 };
      const check = async (values: unknown[]) => {
        for (const chunkSize of SIZES) {
          const outcomes = await pool.mapSettled(tasks.echo, values, { chunkSize });
          const expected = Array.from(values, outcomeOf);
          assert.deepEqual(
            outcomes.map(({ status }) => status === "rejected"),
            expected.map((outcome) => outcome.refused),
          );
          const arrived = outcomes.map((outcome) => "value" in outcome ? outcome.value : undefined);
          assertClones(arrived, expected.map(({ value }) => value));
          if (expected.some((outcome) => outcome.refused)) refused.here++;
          else refused.elsewhere++;
        }
      };
      await fc.assert(fc.asyncProperty(twistedLists, check), { numRuns: 100 });
      assert(refused.here >= 4 && refused.elsewhere >= 4);
      assert.equal(pool.stats().lost, 0);
    }));

  for (const odd of ODDITIES) {
    it(`mapSettled() refuses ${odd} alone among many results`, () =>
      withPool({ workers: 1 }, async (pool) => {
        for (const chunkSize of SIZES) {
          for (const place of [0, 50, 99]) {
            const items = Array.from({ length: 100 }, (_, n) => ({
              n,
              odd: n === place ? odd : undefined,
            }));
            const outcomes = await pool.mapSettled(tasks.giveOdd, items, { chunkSize });
            for (const [n, outcome] of outcomes.entries()) {
              if (n !== place) assert.deepEqual(outcome, { status: "fulfilled", value: { n } });
              else assert("reason" in outcome && outcome.reason instanceof SerializationError);
            }
          }
        }
        assert.equal(pool.stats().lost, 0);
      }));
  }

  it("starmap() takes one argument for a list of it, whatever it is", () =>
    withPool({ workers: 1 }, async (pool) => {
      const values = [[1, 2], [], "ab", { length: 1 }, null, undefined, [[3]], new Set([1])];
      const lists: unknown[][] = Array.from({ length: 80 }, (_, at) => [values[at % 8]]);
      assert.deepEqual(await pool.starmap(tasks.listOfOne, lists, { chunkSize }), lists);
      const mixed = lists.with(40, [1, 2]).with(41, []);
      assert.deepEqual(await pool.starmap(tasks.listOfOne, mixed, { chunkSize }), mixed);
    }));

  it("starmap() fails a task whose list of arguments is none, beside others with one argument", () =>
    withPool({ workers: 1 }, async (pool) => {
      const lists: unknown[] = Array.from({ length: 50 }, (_, n) => [n]);
      for (const none of [7, null, {}, { length: 1, 0: 7 }]) {
        // What the types do not let pass is what this is about.
        const argLists = lists.with(7, none) as unknown[][];
        const error = await rejectionOf(pool.starmap(tasks.listOfOne, argLists, { chunkSize }));
        assert.equal(error.name, "TypeError");
      }
    }));
});
