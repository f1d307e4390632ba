import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, Pool, type PoolOptions, type WorkerLike } from "../../mod.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { hasSilentThreads } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** Makes a worker that serves the faults. */
function serve(): WorkerLike {
  return makeWorker(new URL("../fixtures/workers/faults.worker.ts", import.meta.url));
}

/** The workers that a factory made. */
class Threads {
  /** How many there were, and how many have ended. */
  made = 0;
  ended = 0;

  /** Makes a worker, and hears of its end where the runtime tells. */
  make(): WorkerLike {
    const worker = serve();
    this.made++;
    const count = () => this.ended++;
    if (worker instanceof EventTarget) worker.addEventListener("close", count);
    else if ("on" in worker && typeof worker.on === "function") worker.on("exit", count);
    return worker;
  }

  /** Resolves when all have ended; on Deno and in browsers nothing tells. */
  async allEnded(): Promise<void> {
    if (!hasSilentThreads) await until(() => this.ended === this.made);
  }
}

/** How a pool comes to call its factory. */
const OCCASIONS: Readonly<Record<string, (pool: Pool) => PromiseLike<unknown>>> = {
  "apply()": (pool) => pool.apply(faults.identity, [1]),
  "map()": (pool) => pool.map(faults.identity, [1, 2, 3, 4], { chunkSize: 1 }),
  "broadcast()": (pool) => pool.broadcast(faults.identity, [1]),
  "ready()": (pool) => pool.ready(),
};

/** How a factory ends its pool. */
const ENDS: Readonly<Record<string, (pool: Pool) => void>> = {
  "terminate()": (pool) => void pool.terminate(),
  "dispose": (pool) => void pool[Symbol.asyncDispose](),
  "close() and terminate()": (pool) => {
    pool.close();
    void pool.terminate();
  },
};

/** What a factory gives its pool in the end. */
const RETURNS: Readonly<Record<string, (threads: Threads) => WorkerLike>> = {
  "returns a worker": (threads) => threads.make(),
  "throws": () => {
    throw new RangeError("no more threads");
  },
  "returns what is refused": () => ({ postMessage() {}, terminate() {} }),
};

/** A pool whose factory does something to it the first time, and counts its calls. */
function reentrant(
  options: PoolOptions,
  act: (pool: Pool) => void,
  make: (threads: Threads) => WorkerLike,
): { pool: Pool; threads: Threads; calls: () => number } {
  const threads = new Threads();
  let calls = 0;
  const worker = () => {
    if (++calls > 20) throw new RangeError("called again and again");
    act(pool);
    return make(threads);
  };
  const pool: Pool = new Pool({ workers: 3, ...options, worker });
  return { pool, threads, calls: () => calls };
}

describe("A worker factory that ends its pool", () => {
  for (const [occasion, begin] of Object.entries(OCCASIONS)) {
    for (const [end, act] of Object.entries(ENDS)) {
      for (const [what, make] of Object.entries(RETURNS)) {
        it(`is not called again after ${occasion}, if it calls ${end} and ${what}`, async () => {
          const { pool, threads, calls } = reentrant({}, act, make);
          await assert.rejects(Promise.resolve(begin(pool)));
          await pool.join();
          await threads.allEnded();
          assert.equal(calls(), 1);
          assert.deepEqual([pool.state, pool.stats().workers], ["terminated", 0]);
          assert.equal(pool.stats().abandoned, 0);
        });
      }
    }
  }

  it("is not called again when it is called for a replacement", async () => {
    let isDying = false;
    const act = (pool: Pool) => void (isDying && pool.terminate());
    const { pool, threads, calls } = reentrant({ minWorkers: 2 }, act, (t) => t.make());
    await pool.ready();
    const before = calls();
    isDying = true;
    await assert.rejects(pool.apply(faults.exitProcess, [1]));
    await pool.join();
    await threads.allEnded();
    assert.ok(calls() <= before + 1);
  });

  it("is not called again when it is called for a successor", async () => {
    let isSpent = false;
    const act = (pool: Pool) => void (isSpent && pool.terminate());
    const { pool, threads, calls } = reentrant({ maxTasksPerWorker: 1 }, act, (t) => t.make());
    await pool.ready();
    isSpent = true;
    const tasks = [1, 2, 3].map((n) => pool.apply(faults.identity, [n]));
    await Promise.allSettled(tasks);
    await pool.join();
    await threads.allEnded();
    assert.equal(calls(), 4);
  });

  it("is not called again when it is called after a delay", async () => {
    let calls = 0;
    const worker = (): WorkerLike => {
      if (++calls === 1) throw new RangeError("no more threads");
      void pool.terminate();
      return serve();
    };
    const pool: Pool = new Pool({ workers: 1, worker });
    await assert.rejects(pool.apply(faults.identity, [1]));
    await pool.join();
    assert.equal(calls, 2);
  });

  it("has its pool closed at once where nothing is queued, with ready()", async () => {
    const { pool, threads, calls } = reentrant({}, (pool) => pool.close(), (t) => t.make());
    await assert.rejects(pool.ready());
    await pool.join();
    await threads.allEnded();
    assert.deepEqual([calls(), pool.state, pool.stats().workers], [1, "closed", 0]);
  });

  it("has the queued work run after close()", async () => {
    const { pool, threads } = reentrant({}, (pool) => pool.close(), (t) => t.make());
    const mapped = pool.map(faults.identity, [1, 2, 3, 4, 5], { chunkSize: 1 });
    const applied = pool.apply(faults.identity, [6]);
    assert.deepEqual(await mapped, [1, 2, 3, 4, 5]);
    assert.equal(await applied, 6);
    await pool.join();
    await threads.allEnded();
  });
});

describe("A worker factory that uses its pool", () => {
  it("may abort what the worker was asked for", async () => {
    const controller = new AbortController();
    const abort = () => controller.abort(new Error("not any more"));
    const { pool, threads } = reentrant({ workers: 2 }, abort, (t) => t.make());
    const { signal } = controller;
    await assert.rejects(pool.apply(faults.hang, [], { signal }), { message: "not any more" });
    assert.equal(await pool.apply(faults.identity, [1]), 1);
    await pool.terminate();
    await threads.allEnded();
  });

  it("may submit, broadcast, wait for the workers and look at the numbers", async () => {
    const more: PromiseLike<unknown>[] = [];
    const act = (pool: Pool) => {
      assert.ok(pool.stats().workers <= 3);
      more.push(pool.apply(faults.identity, [1]), pool.ready());
      if (more.length < 6) more.push(pool.broadcast(faults.identity, [1]));
    };
    const { pool, threads, calls } = reentrant({}, act, (t) => t.make());
    await pool.ready();
    await Promise.all(more);
    assert.equal(calls(), 3);
    await pool.terminate();
    await threads.allEnded();
  });

  it("may throw after it has submitted, until the pool breaks", async () => {
    const more: PromiseLike<unknown>[] = [];
    const worker = (): WorkerLike => {
      if (pool.state === "running") more.push(pool.apply(faults.identity, [1]));
      throw new RangeError("no more threads");
    };
    const pool: Pool = new Pool({ workers: 2, worker });
    await assert.rejects(pool.apply(faults.identity, [1]), { name: "WorkerLostError" });
    const outcomes = await Promise.allSettled(more);
    assert.ok(outcomes.every(({ status }) => status === "rejected"));
    await pool.terminate();
  });
});

describe("A worker that is refused", () => {
  it("is ended, whatever it is", async () => {
    let ended = 0;
    const refused = { postMessage() {}, terminate: () => void ended++ };
    const broken = { ...refused, terminate: () => Promise.reject(new Error("not even that")) };
    for (const given of [refused, Promise.resolve(refused), broken, undefined, null, 1]) {
      // Callers without types return anything.
      const worker = () => given as WorkerLike;
      await withPool({ workers: 1, worker }, async (pool) => {
        await assert.rejects(pool.apply(faults.identity, [1]), { name: "WorkerLostError" });
      });
    }
    assert.equal(ended, 10);
  });
});
