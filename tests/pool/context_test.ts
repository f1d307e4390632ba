/**
 * Which task `currentTask()` gives where several share a thread: tasks of pools without workers,
 * in the caller's thread and in tasks.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { currentTask, fromModule, type Pool } from "../../mod.ts";
import { collectPlaces } from "../fixtures/tasks/context.ts";
import { runtime } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/context.ts")>(
  new URL("../fixtures/tasks/context.ts", import.meta.url),
);

/** The functions of the caller's that a job calls. */
const PLACES = [
  "items",
  "end of items",
  "async items",
  "onReport",
  "onProgress",
  "transfer",
  "callback",
];

/** Why a task's code on a thread with other code is not known after its first `await`. */
const skip = runtime === "browser" && "nothing follows code through an await";

/** All of these, seeing the same. */
function everywhere(name: string): Record<string, string> {
  return Object.fromEntries(PLACES.map((place) => [place, name]));
}

for (const workers of [0, 1]) {
  const outer = (test: (pool: Pool) => Promise<void>) => () =>
    withPool({ workers, name: "outer", idleTimeout: Infinity }, test);

  describe(`currentTask() with workers: ${workers}`, () => {
    it(
      "currentTask() stays the task's own through awaits and timers",
      { skip },
      outer(async (pool) => {
        const found = await pool.map(tasks.staysItself, [1, 2, 3], { chunkSize: 3 });
        assert.deepEqual(found, [true, true, true]);
      }),
    );

    for (const depth of [0, 1, 3]) {
      it(
        `currentTask() is the task's own after ${depth + 1} pools without workers in each other`,
        { skip },
        outer(async (pool) => {
          assert.equal(await pool.apply(tasks.staysItselfAround, [depth]), true);
          const found = await pool.map(tasks.staysItselfAround, [depth, 0, depth], {
            chunkSize: 3,
          });
          assert.deepEqual(found, [true, true, true]);
        }),
      );
    }

    it(
      "currentTask() reports as the task itself after a pool without workers",
      { skip },
      outer(async (pool) => {
        const reports: unknown[] = [];
        const onReport = (value: unknown, index: number) => reports.push([index, value]);
        const aborted = await pool.map(tasks.reportAround, [7, 8, 9], { chunkSize: 3, onReport });
        assert.deepEqual(aborted, [false, false, false]);
        assert.deepEqual(reports, [[0, 7], [1, 8], [2, 9]]);
      }),
    );

    it(
      "currentTask() is the outer task in what the pool of a task calls",
      { skip },
      outer(async (pool) => {
        const places = await pool.apply(tasks.seenInCallbacks);
        assert.deepEqual(places, everywhere(await pool.apply(tasks.seen)));
      }),
    );

    for (const inner of [0, 1]) {
      it(
        `currentTask() is the outer task in what another task's pool calls, workers: ${inner}`,
        { skip },
        outer(async (pool) => {
          await pool.apply(tasks.keepPool, [inner]);
          const places = await pool.apply(tasks.seenInCallbacksOfOld);
          await pool.apply(tasks.endKept);
          assert.deepEqual(places, everywhere(await pool.apply(tasks.seen)));
        }),
      );
    }

    it("currentTask() is undefined in the initializer", () =>
      withPool({ workers, initializer: tasks.noteInitializer }, async (pool) => {
        assert.deepEqual(await pool.apply(tasks.seenInitially), ["none", "none"]);
      }));

    it(
      "currentTask() is undefined in the initializer of a task's own pool",
      { skip },
      outer(async (pool) => {
        assert.deepEqual(await pool.apply(tasks.seenInInner), ["none", "none"]);
      }),
    );

    it(
      "currentTask() is there in the then of what a task returns",
      { skip },
      outer(async (pool) => {
        const [name] = await pool.map(tasks.seen, [0]);
        const found = await pool.map(tasks.seenInThen, [1, 2], { chunkSize: 2 });
        assert.deepEqual(found, [name, name]);
      }),
    );

    it(
      "currentTask() is there in the task's listener for its abort",
      () =>
        withPool({ workers, abortGrace: 10_000 }, async (pool) => {
          const cells = new Int32Array(new SharedArrayBuffer(8));
          const call = pool.applyAsync(tasks.seenInAbort, [cells]);
          await until(() => cells[0] === 1);
          call.abort(new EvalError("enough"));
          await assert.rejects(call, EvalError);
          await until(() => cells[1] !== 0);
          assert.equal(cells[1], 1);
        }),
    );
  });
}

describe("currentTask() beside tasks on the calling thread", () => {
  it(
    "currentTask() is undefined in the caller's code while a task waits",
    { skip },
    () =>
      withPool({ workers: 0 }, async (pool) => {
        const found = new Set<unknown>();
        const timer = setInterval(() => found.add(currentTask()), 1);
        const values = await pool.map(tasks.staysItself, Array(20).fill(0), { chunkSize: 20 });
        clearInterval(timer);
        assert.equal(values.every(Boolean), true);
        assert.deepEqual([...found], [undefined]);
      }),
  );

  it("currentTask() tells two pools on one thread apart", { skip }, () =>
    withPool(
      { workers: 0, name: "left" },
      (left) =>
        withPool({ workers: 0, name: "right" }, async (right) => {
          const around = (pool: Pool) => pool.map(tasks.staysItselfAround, [0, 0, 0], options);
          const options = { chunkSize: 3 };
          const found = await Promise.all([around(left), around(right)]);
          assert.deepEqual(found, [[true, true, true], [true, true, true]]);
          const names = await Promise.all([left.apply(tasks.seen), right.apply(tasks.seen)]);
          assert.deepEqual(names.map((name) => name.split("-")[0]), ["left", "right"]);
        }),
    ));

  it(
    "currentTask() in a task's timer is that task, whatever runs by then",
    { skip },
    () =>
      withPool({ workers: 0 }, async (pool) => {
        await pool.map(tasks.setTimer, [1, 2, 3, 4], { chunkSize: 4 });
        assert.deepEqual(await pool.apply(tasks.timersFound, [4]), [true, true, true, true]);
      }),
  );

  for (const inner of [0, 1]) {
    it(`currentTask() is undefined in what the caller's pool calls, workers: ${inner}`, () =>
      withPool({ workers: inner }, async (pool) => {
        const places: Record<string, string> = {};
        await collectPlaces(pool, places);
        assert.deepEqual(places, everywhere("none"));
      }));
  }
});

describe("currentTask() without AsyncLocalStorage", () => {
  it("currentTask() is right until a task's first await, and for a worker's task after it too", () =>
    withPool({ workers: 1 }, async (pool) => {
      const [names, isSame] = await pool.apply(tasks.seenWithoutFollowing);
      assert.deepEqual(names, ["inner-1", "inner-1"]);
      assert.equal(isSame, true);
    }));
});
