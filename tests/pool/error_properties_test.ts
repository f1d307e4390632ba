/**
 * Errors that nobody would write by hand, thrown in a worker and compared with the same errors
 * made here. A failure prints the seed that makes it again: pass it to `fc.assert`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fromModule, type Pool, type PoolOptions, SerializationError } from "../../mod.ts";
import { assertArrived } from "../fixtures/values/arrival.ts";
import { errorRecipes, thrownRecipes } from "../fixtures/values/error_arbitraries.ts";
import {
  build,
  type NodeRecipe,
  ODDITIES,
  type ThrowRecipe,
} from "../fixtures/values/error_recipes.ts";
import { reasonOf } from "../fixtures/rejection.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/values/error_recipes.ts")>(
  new URL("../fixtures/values/error_recipes.ts", import.meta.url),
);

/** Longest that a task may take, in ms: one that hangs must not take the suite with it. */
const PATIENCE = 10_000;

function assertWhole(recipe: ThrowRecipe, arrived: unknown): void {
  // The worker got a clone of the recipe as well.
  const thrown = build(structuredClone(recipe));
  assertArrived(thrown, arrived);
  // The worker's frames come first, then those of the call.
  if (hasStack(thrown)) assert.match(Object(arrived).stack, /error_recipes[^]*error_properties/);
}

/** Some cannot have a stack: engines begin it with their name and message, or never made them. */
function hasStack(thrown: unknown): boolean {
  try {
    return thrown instanceof Error && typeof thrown.stack === "string" && thrown.stack !== "";
  } catch {
    return false;
  }
}

/** Checks a property of a pool with so many recipes. */
function forAll<T>(
  options: PoolOptions,
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  check: (pool: Pool, generated: T) => Promise<void>,
): Promise<void> {
  return withPool(options, (pool) => {
    const property = fc.asyncProperty(arbitrary, (generated) => check(pool, generated));
    return fc.assert(property, { numRuns });
  });
}

for (const workers of [1, 0]) {
  describe(`Generated errors with ${workers} workers`, () => {
    it("apply() rejects with the whole of any error that a task throws", () =>
      forAll({ workers }, errorRecipes, 300, async (pool, recipe) => {
        assertWhole(recipe, await reasonOf(pool.apply(tasks.throwRecipe, [recipe])));
      }));

    it("apply() rejects with the whole of anything that an async task throws", () =>
      forAll({ workers }, thrownRecipes, 300, async (pool, recipe) => {
        assertWhole(recipe, await reasonOf(pool.apply(tasks.throwRecipeLater, [recipe])));
      }));

    it("mapSettled() gives each task the whole of its own error", () => {
      const recipes = fc.array(thrownRecipes, { minLength: 1, maxLength: 8 });
      return forAll({ workers }, recipes, 50, async (pool, items) => {
        const outcomes = await pool.mapSettled(tasks.throwRecipe, items, { chunkSize: 4 });
        assert.equal(outcomes.length, items.length);
        for (const [index, recipe] of items.entries()) {
          const outcome = outcomes[index];
          assert.ok(outcome?.status === "rejected");
          assertWhole(recipe, outcome.reason);
        }
      });
    });
  });
}

/** The error of a node, with one property. */
function errorWith(key: string, value: "itself" | string, make = "RangeError"): NodeRecipe {
  const content = value === "itself"
    ? { kind: "node", index: 1 } as const
    : { kind: "oddity", name: value } as const;
  const property = { key, value: content, enumerable: true, access: "data" } as const;
  return { kind: "error", make, message: "kept", properties: [property] };
}

function throwFirst(...nodes: NodeRecipe[]): ThrowRecipe {
  return { nodes, thrown: { kind: "node", index: 0 } };
}

const circle: NodeRecipe = {
  kind: "list",
  items: [{ kind: "node", index: 0 }, { kind: "node", index: 1 }],
};

const secret: NodeRecipe = {
  kind: "error",
  make: "AbortError",
  message: "kept",
  properties: ["name", "message"].map((key) => ({
    key,
    value: { kind: "data", data: 1 },
    enumerable: false,
    access: "throwing getter",
  })),
};

/** What was lost on its way, before a test was there. */
const ONCE_LOST: Readonly<Record<string, ThrowRecipe>> = {
  "that is in a list that holds itself": throwFirst(errorWith("list", "itself"), circle),
  "among the errors of an aggregate that hold themselves": throwFirst(
    errorWith("errors", "itself", "AggregateError"),
    circle,
  ),
  "whose class does not tell its name": throwFirst(errorWith("code", "symbol", "SecretlyNamed")),
  "of the platform that does not tell its own name": throwFirst(secret),
  ...Object.fromEntries(
    Object.keys(ODDITIES).map((name) => [
      `with a ${name} as a property`,
      throwFirst(errorWith("data", name)),
    ]),
  ),
};

describe("Errors that were lost once", () => {
  for (const [name, recipe] of Object.entries(ONCE_LOST)) {
    it(`apply() rejects with the whole of an error ${name}`, () =>
      withPool({ workers: 1 }, async (pool) => {
        assertWhole(recipe, await reasonOf(pool.apply(tasks.throwRecipe, [recipe])));
      }));
  }

  it("apply() rejects with a chain of causes however long it is", () =>
    withPool({ workers: 1 }, async (pool) => {
      let error = await reasonOf(pool.apply(tasks.throwChain, [5_000]));
      for (let n = 4_999; n >= 0; n--) {
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, String(n));
        error = error.cause;
      }
      assert.equal(error, undefined);
    }));

  it("apply() rejects with the line and column that a parser gave its error", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = Object(await reasonOf(pool.apply(tasks.throwPosition, [5, 7])));
      assert.deepEqual([error.line, error.column], [5, 7]);
    }));

  it("apply() rejects for each of several calls whose module throws an awkward error", () =>
    withPool({ workers: 1 }, async (pool) => {
      const url = new URL("../fixtures/bad/constructor.ts", import.meta.url);
      const { task } = fromModule<{ task(): void }>(url);
      const calls = [1, 2, 3].map(() => reasonOf(pool.apply(task)));
      for (const error of await Promise.all(calls)) {
        assert.ok(error instanceof RangeError);
        assert.deepEqual([error.message, error.constructor], ["thrown at import", "none"]);
      }
    }));
});

/** What an inline function may throw that its worker, which explains some errors, cannot change. */
const UNCHANGEABLE: Readonly<Record<string, readonly [() => never, new (text: string) => Error]>> =
  {
    "a frozen ReferenceError": [() => {
      throw Object.freeze(new ReferenceError("frozen"));
    }, ReferenceError],
    "a ReferenceError whose message is a symbol": [() => {
      throw Object.assign(new ReferenceError("odd"), { message: Symbol("odd") });
    }, ReferenceError],
    "a proxy that does not tell its class": [() => {
      const getPrototypeOf = () => {
        throw new Error("no");
      };
      throw new Proxy({}, { getPrototypeOf });
    }, SerializationError],
    "a proxy that answers with worse": [() => {
      const get = () => {
        throw new Error("no");
      };
      const getPrototypeOf = () => {
        throw new Proxy(() => 1, { get });
      };
      throw new Proxy({}, { getPrototypeOf, get: getPrototypeOf });
    }, SerializationError],
  };

for (const workers of [1, 0]) {
  describe(`Errors of inline functions with ${workers} workers`, () => {
    for (const [name, [task, errorClass]] of Object.entries(UNCHANGEABLE)) {
      it(`apply() rejects when an inline function throws ${name}`, () =>
        withPool({ workers, taskTimeout: PATIENCE }, async (pool) => {
          const error = await reasonOf(pool.apply(task));
          assert.ok(error instanceof errorClass, Object.prototype.toString.call(error));
          assert.equal(await pool.apply(() => 1), 1);
          assert.equal(pool.stats().lost, 0);
        }));
    }
  });
}
