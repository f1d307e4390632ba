/**
 * Generated values on their way to real workers and back, with and without encodings. A failure
 * prints the seed that makes it again: pass it to `fc.assert`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodings } from "../../core/wire/packing.ts";
import { fromModule, type Pool, SerializationError } from "../../mod.ts";
import { cloneDifference } from "../fixtures/clone_difference.ts";
import {
  ODDITIES,
  packedHere,
  restoreEncodings,
  switchEncodings,
} from "../fixtures/encoding_tasks.ts";
import { packable, twistedLists } from "../fixtures/packing_values.ts";
import { rejectionOf } from "../fixtures/rejection.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/encoding_tasks.ts")>(
  new URL("../fixtures/encoding_tasks.ts", import.meta.url),
);

/** Tasks enough for every generated list, so that it travels as one. */
const chunkSize = 100;

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

/** Switches the encodings of both threads. */
async function switchAll(pool: Pool, on: boolean): Promise<void> {
  switchEncodings(on);
  await pool.broadcast(tasks.switchEncodings, [on]);
}

/** Runs a test with one worker that keeps what was switched in it. */
function withSwitches(test: (pool: Pool) => Promise<void>): Promise<void> {
  const options = { workers: 1, minWorkers: 1, idleTimeout: Infinity };
  return withPool(options, async (pool) => {
    try {
      await test(pool);
    } finally {
      restoreEncodings();
    }
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
    it(`${name} gives the same with and without them`, () =>
      withSwitches(async (pool) => {
        const packed = { here: 0, there: 0 };
        const check = async (values: unknown[]) => {
          await switchAll(pool, true);
          const arrived = await run(pool, values);
          packed.here += packedHere();
          packed.there += await pool.apply(tasks.packedHere);
          await switchAll(pool, false);
          const plain = await run(pool, values);
          assert.deepEqual([encodings.length, packedHere()], [0, 0]);
          assertClones(arrived, plain);
          assertClones(arrived, structuredClone(values));
        };
        await fc.assert(fc.asyncProperty(packable, check), { numRuns: 60 });
        // Lists of several arguments are no values of one kind, and calls come in small lists.
        const isPackedHere = !name.includes("two") && name !== "apply()";
        if (isPackedHere) assert(packed.here >= 10, `${packed.here} lists were packed here`);
        if (name !== "apply()") assert(packed.there >= 10, `${packed.there} were packed there`);
      }));
  }

  it("apply() gives the same with them where so many calls are made that they travel together", () =>
    withSwitches(async (pool) => {
      await switchAll(pool, true);
      const check = async (values: unknown[]) => {
        const promises = values.map((value) => pool.apply(tasks.echo, [value]));
        assertClones(await Promise.all(promises), structuredClone(values));
      };
      const ints = fc.array(fc.integer(), { minLength: 2000, maxLength: 2000 });
      const objects = ints.map((list) => list.map((n) => ({ n, half: n / 2, text: `${n}` })));
      await fc.assert(fc.asyncProperty(fc.oneof(ints, objects), check), { numRuns: 10 });
      assert(packedHere() >= 5, `${packedHere()} lists were packed here`);
      const there = await pool.apply(tasks.packedHere);
      assert(there >= 5, `${there} were packed there`);
    }));

  it("mapSettled() refuses the values that cannot be cloned, and no others", () =>
    withSwitches(async (pool) => {
      const refused = { here: 0, elsewhere: 0 };
      const check = async (values: unknown[]) => {
        for (const on of [true, false]) {
          await switchAll(pool, on);
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
      withSwitches(async (pool) => {
        for (const on of [true, false]) {
          await switchAll(pool, on);
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
