import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, inline, move, Pool } from "../../mod.ts";
import { withPool } from "../fixtures/with_pool.ts";

/** The first frame of what a call throws, of which some engines leave out all others. */
function firstFrame(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { stack } = error as Error;
    return stack?.split("\n").find((line) => /^\s+at |@/.test(line)) ?? "";
  }
  return assert.fail("did not throw");
}

// Wrong types, as JavaScript callers may pass them.
const wrong = 5 as never;

describe("the stack of an error that is thrown at a call", () => {
  const withoutPool: Readonly<Record<string, () => unknown>> = {
    "new Pool()": () => new Pool({ workers: -1 }),
    "inline()": () => inline(Math.max),
    "fromModule()": () => fromModule("./tasks.ts"),
    "move()": () => move(wrong, []),
  };
  const closed: Readonly<Record<string, (pool: Pool) => unknown>> = {
    "apply()": (pool) => pool.apply(() => 1),
    "applyAsync()": (pool) => pool.applyAsync(() => 1),
    "map()": (pool) => pool.map((n) => n, [1]),
    "mapAsync()": (pool) => pool.mapAsync((n) => n, [1]),
    "mapSettled()": (pool) => pool.mapSettled((n) => n, [1]),
    "starmap()": (pool) => pool.starmap((n) => n, [[1]]),
    "imap()": (pool) => pool.imap((n) => n, [1]),
    "istarmapUnordered()": (pool) => pool.istarmapUnordered((n) => n, [[1]]),
    "broadcast()": (pool) => pool.broadcast(() => 1),
  };
  const running: Readonly<Record<string, (pool: Pool) => unknown>> = {
    "map() without items": (pool) => pool.map((n) => n, wrong),
    "map() with a bad option": (pool) => pool.map((n) => n, [1], { chunkSize: 0 }),
    "apply() without a function": (pool) => pool.apply(wrong),
    "apply() of a native function": (pool) => pool.apply(Math.sqrt, [2]),
    "get()": (pool) => pool.applyAsync(() => 1).get(NaN),
    "wait()": (pool) => pool.applyAsync(() => 1).wait("1" as never),
    "successful()": (pool) => pool.applyAsync(() => 1).successful(),
  };

  for (const [name, call] of Object.entries(withoutPool)) {
    it(`begins with the caller's line: ${name}`, () =>
      assert.match(firstFrame(call), /call_stacks_test/));
  }

  for (const [name, call] of Object.entries(closed)) {
    it(`begins with the caller's line: ${name} of a closed pool`, () =>
      withPool({ workers: 1 }, (pool) => {
        pool.close();
        assert.match(firstFrame(() => call(pool)), /call_stacks_test/);
      }));
  }

  for (const [name, call] of Object.entries(running)) {
    it(`begins with the caller's line: ${name}`, () =>
      withPool({ workers: 1 }, (pool) => {
        assert.match(firstFrame(() => call(pool)), /call_stacks_test/);
      }));
  }

  it("is the caller's own where its own code throws", () =>
    withPool({ workers: 1 }, (pool) => {
      const own = new RangeError("thrown by the input");
      const { stack } = own;
      const items = {
        [Symbol.iterator]() {
          throw own;
        },
      };
      assert.throws(() => pool.map((n) => n, items), own);
      assert.equal(own.stack, stack);
    }));
});
