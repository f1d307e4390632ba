import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  fromModule,
  type Pool,
  type PoolOptions,
  PoolStateError,
  TaskNotFoundError,
  type TaskReference,
  TimeoutError,
  WorkerLostError,
} from "../../mod.ts";
import { withPool } from "../fixtures/with_pool.ts";

/** A module that may be bad in any way, so that its type says nothing. */
type AnyModule = Record<string, () => number>;

const good = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

function taskIn(url: string, name = "task"): TaskReference<[], number> {
  const task = fromModule<AnyModule>(new URL(url, import.meta.url))[name];
  assert.ok(task);
  return task;
}

/** Runs a bad task between good ones: only its own job may fail. */
async function rejectionOf(task: TaskReference<[], number>, options: PoolOptions): Promise<Error> {
  let error: unknown;
  await withPool(options, async (pool) => {
    const before = pool.map(good.identity, [1, 2, 3]);
    const failed = pool.apply(task).catch((reason: unknown) => error = reason);
    const behind = pool.map(good.identity, [4, 5, 6]);
    assert.deepEqual(await Promise.all([before, behind]), [[1, 2, 3], [4, 5, 6]]);
    await failed;
    await assertUsable(pool);
  });
  assert.ok(error instanceof Error, `not an Error: ${error}`);
  return error;
}

async function assertUsable(pool: Pool): Promise<void> {
  assert.equal(pool.state, "running");
  assert.deepEqual(await pool.map(good.identity, [7, 8]), [7, 8]);
}

for (const workers of [2, 1, 0]) {
  describe(`A bad task module with ${workers} workers`, () => {
    it("apply() rejects with the import's error when the module is missing", async () => {
      const error = await rejectionOf(taskIn("../fixtures/no_such_module.ts"), { workers });
      assert.match(error.message, /no_such_module/);
    });

    it("apply() rejects with a SyntaxError when the module cannot be parsed", async () => {
      const error = await rejectionOf(taskIn("data:text/javascript,export const = 1;"), {
        workers,
      });
      // Deno says so with a TypeError, Bun with an AggregateError.
      assert.match(error.name, /^(SyntaxError|TypeError|AggregateError)$/);
    });

    it("apply() rejects with what the module throws at import", async () => {
      const error = await rejectionOf(taskIn("../fixtures/bad/throws.ts"), { workers });
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, "thrown at import");
    });

    it("apply() rejects with a TaskNotFoundError that tells what is there", async () => {
      const task = taskIn("../fixtures/tasks/faults.ts", "noSuchTask");
      const error = await rejectionOf(task, { workers });
      assert.ok(error instanceof TaskNotFoundError, String(error));
      assert.equal(error.name, "TaskNotFoundError");
      assert.match(error.message, /noSuchTask/);
      assert.match(error.message, /inline\(noSuchTask\)/);
      assert.match(error.message, /throwInTimer/);
    });

    it("map() and imap() reject for a module that throws", () =>
      withPool({ workers }, async (pool) => {
        const task = taskIn("../fixtures/bad/throws.ts");
        await assert.rejects(pool.map(task, [1, 2, 3]), RangeError);
        await assert.rejects(pool.mapSettled(task, [1, 2, 3]), RangeError);
        const results = pool.imap(task, [1, 2, 3]);
        await assert.rejects(results.next(), RangeError);
        assert.equal((await results.next()).done, true);
        await assertUsable(pool);
      }));
  });
}

describe("A task module that never finishes loading", () => {
  const task = taskIn("../fixtures/bad/never_loads.ts", "neverLoaded");

  it("apply() rejects with a TimeoutError after startTimeout", async () => {
    const error = await rejectionOf(task, { workers: 2, startTimeout: 1_500 });
    assert.ok(error instanceof TimeoutError, String(error));
    assert.match(error.message, /neverLoaded/);
    assert.match(error.message, /1500/);
  });

  it("stats() shows that the worker was replaced", () =>
    withPool({ workers: 1, startTimeout: 1_500 }, async (pool) => {
      await assert.rejects(pool.map(task, [1, 2, 3]), TimeoutError);
      await assertUsable(pool);
      assert.equal(pool.stats().restarted, 1);
    }));

  it("apply() lets a task run longer than startTimeout once its module is loaded", () =>
    withPool({ workers: 1, startTimeout: 1_500 }, async (pool) => {
      assert.equal(await pool.apply(good.nap, [2_000]), 2_000);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("terminate() ends a pool whose worker still loads", () =>
    withPool({ workers: 1 }, async (pool) => {
      const rejected = assert.rejects(pool.apply(task), { name: "PoolTerminatedError" });
      await pool.ready();
      await pool.terminate();
      await rejected;
    }));
});

describe("A task module that makes a pool", () => {
  it("apply() rejects with a PoolStateError that tells the way out", async () => {
    const task = taskIn("../fixtures/bad/makes_pool.ts", "stateOfPool");
    const error = await rejectionOf(task, { workers: 1 });
    assert.ok(error instanceof PoolStateError, String(error));
    assert.match(error.message, /import\.meta\.main/);
  });
});

describe("A task module that ends its thread", () => {
  it("apply() rejects with a WorkerLostError, and the pool goes on", async () => {
    const task = taskIn("../fixtures/bad/exits.ts", "neverReached");
    const error = await rejectionOf(task, { workers: 1 });
    assert.ok(error instanceof WorkerLostError, String(error));
  });

  it("map() ends with many tasks waiting for the module", () =>
    withPool({ workers: 2 }, async (pool) => {
      const task = taskIn("../fixtures/bad/exits.ts", "neverReached");
      await assert.rejects(pool.map(task, Array(50).fill(1)), WorkerLostError);
      await assertUsable(pool);
    }));
});
