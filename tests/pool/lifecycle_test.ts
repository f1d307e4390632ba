import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool, PoolStateError, PoolTerminatedError } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { outlivesTerminate } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

const { identity } = faults;

/** Every method that submits. */
const SUBMITTERS: Record<string, (pool: Pool) => unknown> = {
  apply: (pool) => pool.apply(identity, [1]),
  applyAsync: (pool) => pool.applyAsync(identity, [1]),
  map: (pool) => pool.map(identity, [1]),
  mapAsync: (pool) => pool.mapAsync(identity, [1]),
  starmap: (pool) => pool.starmap(identity, [[1]]),
  starmapAsync: (pool) => pool.starmapAsync(identity, [[1]]),
  imap: (pool) => pool.imap(identity, [1]),
  imapUnordered: (pool) => pool.imapUnordered(identity, [1]),
  istarmap: (pool) => pool.istarmap(identity, [[1]]),
  istarmapUnordered: (pool) => pool.istarmapUnordered(identity, [[1]]),
  mapSettled: (pool) => pool.mapSettled(identity, [1]),
  broadcast: (pool) => pool.broadcast(identity, [1]),
};

/** Whether a promise has settled by now, give or take a few turns. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await new Promise((wake) => setTimeout(wake, 20));
  return settled;
}

for (const workers of [2, 0]) {
  describe(`The life of a pool with ${workers} workers`, () => {
    it("close() lets everything queued run", () =>
      withPool({ workers }, async (pool) => {
        const mapped = pool.map(faults.nap, [3, 2, 1], { chunkSize: 1 });
        const applied = pool.apply(identity, ["queued"]);
        pool.close();
        assert.equal(pool.state, "closed");
        await pool.join();
        assert.deepEqual(await mapped, [3, 2, 1]);
        assert.equal(await applied, "queued");
        assert.equal(pool.stats().workers, 0);
      }));

    it("join() resolves for a pool that was never used", () =>
      withPool({ workers }, async (pool) => {
        pool.close();
        await pool.join();
        assert.equal(pool.state, "closed");
      }));

    it("join() rejects while the pool is running, and harms nothing", () =>
      withPool({ workers }, async (pool) => {
        await assert.rejects(pool.join(), PoolStateError);
        assert.equal(await pool.apply(identity, [1]), 1);
        assert.equal(pool.state, "running");
      }));

    it("close(), terminate() and join() may be called again and again", () =>
      withPool({ workers }, async (pool) => {
        await pool.apply(identity, [1]);
        pool.close();
        pool.close();
        await Promise.all([pool.join(), pool.join()]);
        await Promise.all([pool.terminate(), pool.terminate()]);
        pool.close();
        assert.equal(pool.state, "terminated");
        await pool.join();
      }));

    it("terminate() rejects what runs and what waits with PoolTerminatedError", () =>
      withPool({ workers }, async (pool) => {
        const pending: PromiseLike<unknown>[] = [
          pool.apply(faults.hang),
          pool.apply(faults.hang),
          pool.apply(identity, [1]),
          pool.applyAsync(identity, [1]),
          pool.map(identity, [1, 2, 3]),
          pool.mapSettled(identity, [1, 2, 3]),
          pool.imap(identity, [1, 2]).next(),
          pool.broadcast(faults.hang),
        ];
        const rejected = pending.map((promise) =>
          assert.rejects(async () => await promise, PoolTerminatedError)
        );
        await until(() => pool.stats().busy > 0);
        await pool.terminate();
        await Promise.all(rejected);
        assert.equal(pool.state, "terminated");
        assert.equal(pool.stats().workers, 0);
      }));

    it("terminate() ends an imap() with its error, once", () =>
      withPool({ workers }, async (pool) => {
        const results = pool.imap(faults.nap, [1, 60_000]);
        assert.equal((await results.next()).value, 1);
        await pool.terminate();
        await assert.rejects(results.next(), PoolTerminatedError);
        assert.equal((await results.next()).done, true);
      }));

    it("terminate() after close() stops what still runs", () =>
      withPool({ workers }, async (pool) => {
        const rejected = assert.rejects(pool.apply(faults.hang), PoolTerminatedError);
        pool.close();
        const joined = pool.join();
        assert.equal(await isSettled(joined), false);
        await pool.terminate();
        await joined;
        await rejected;
      }));

    for (const [name, submit] of Object.entries(SUBMITTERS)) {
      it(`${name}() throws at the call after close() and after terminate()`, () =>
        withPool({ workers }, async (pool) => {
          pool.close();
          assert.throws(() => submit(pool), PoolStateError);
          await pool.terminate();
          assert.throws(() => submit(pool), PoolStateError);
        }));
    }

    it("[Symbol.asyncDispose]() terminates and joins", () =>
      withPool({ workers }, async (pool) => {
        const rejected = assert.rejects(pool.apply(faults.hang), PoolTerminatedError);
        await pool[Symbol.asyncDispose]();
        assert.equal(pool.state, "terminated");
        assert.equal(pool.stats().workers, 0);
        await rejected;
      }));

    it("join() waits for an imap() that nobody reads, until it is read", () =>
      withPool({ workers }, async (pool) => {
        const results = pool.imap(identity, [1, 2, 3, 4], { bufferSize: 2 });
        pool.close();
        const joined = pool.join();
        assert.equal(await isSettled(joined), false);
        const values: unknown[] = [];
        for await (const value of results) values.push(value);
        assert.deepEqual(values, [1, 2, 3, 4]);
        await joined;
      }));

    it("join() waits for an imap() that nobody reads, until it is returned", () =>
      withPool({ workers }, async (pool) => {
        const results = pool.imap(identity, [1, 2, 3, 4], { bufferSize: 2 });
        pool.close();
        const joined = pool.join();
        assert.equal(await isSettled(joined), false);
        await results.return();
        await joined;
      }));

    it("ready() resolves when all workers are up", () =>
      withPool({ workers }, async (pool) => {
        await pool.ready();
        assert.equal(pool.stats().workers, workers);
        assert.equal(pool.stats().idle, workers);
      }));

    it("ready() rejects when the pool is closed or terminated", () =>
      withPool({ workers }, async (pool) => {
        pool.close();
        await assert.rejects(pool.ready());
        await pool.terminate();
        await assert.rejects(pool.ready());
      }));
  });
}

describe("A pool with workers", () => {
  it("new Pool() starts no worker before there is a task", () =>
    withPool({ workers: 2 }, (pool) => assert.equal(pool.stats().workers, 0)));

  it("new Pool() starts minWorkers at once", () =>
    withPool({ workers: 3, minWorkers: 2 }, async (pool) => {
      assert.equal(pool.stats().workers, 2);
      await until(() => pool.stats().idle === 2);
      assert.equal(pool.stats().workers, 2);
    }));

  it("close() while a worker starts still runs its task", () =>
    withPool({ workers: 1 }, async (pool) => {
      const value = pool.apply(identity, [1]);
      pool.close();
      assert.equal(await value, 1);
      await pool.join();
    }));

  it("terminate() while workers start ends at once", () =>
    withPool({ workers: 2, minWorkers: 2 }, async (pool) => {
      await pool.terminate();
      assert.equal(pool.stats().workers, 0);
    }));

  it("terminate() ends a worker that blocks its thread, or abandons it", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const rejected = assert.rejects(
        pool.apply(faults.waitAndName, [gate]),
        PoolTerminatedError,
      );
      await arrivals(gate, 1);
      await pool.terminate();
      await rejected;
      assert.equal(pool.stats().abandoned, outlivesTerminate ? 1 : 0);
      open(gate);
    }));

  it("terminate() in the task's own callback ends the pool", () =>
    withPool({ workers: 1 }, async (pool) => {
      const results = [1, 2, 3].map((n) =>
        pool.applyAsync(identity, [n], { callback: () => void pool.terminate() })
      );
      await Promise.all(results.map((result) => result.wait()));
      await pool.join();
      assert.equal(results[0]?.successful(), true);
      assert.equal(pool.state, "terminated");
    }));

  it("ready() waiting rejects when the pool is closed meanwhile", () =>
    withPool({ workers: 2 }, async (pool) => {
      const rejected = assert.rejects(pool.ready(), PoolStateError);
      pool.close();
      await rejected;
      await pool.join();
    }));

  it("ready() waiting rejects when the pool is terminated meanwhile", () =>
    withPool({ workers: 2 }, async (pool) => {
      const rejected = assert.rejects(pool.ready(), PoolTerminatedError);
      await pool.terminate();
      await rejected;
    }));

  it("join() resolves after close() when a worker dies of the last task", () =>
    withPool({ workers: 1 }, async (pool) => {
      const rejected = assert.rejects(pool.apply(faults.exitProcess, [1]));
      pool.close();
      await rejected;
      await pool.join();
      assert.equal(pool.stats().workers, 0);
    }));

  it("close() runs in other workers what waited behind a worker that dies", () =>
    withPool({ workers: 1 }, async (pool) => {
      const rejected = assert.rejects(pool.apply(faults.exitProcess, [1]));
      const behind = pool.map(identity, [1, 2, 3]);
      pool.close();
      await rejected;
      assert.deepEqual(await behind, [1, 2, 3]);
      await pool.join();
    }));
});
