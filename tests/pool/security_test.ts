import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import {
  fromModule,
  type Pool,
  PoolTerminatedError,
  SerializationError,
  TimeoutError,
  WorkerLostError,
} from "../../mod.ts";
import { makeCounters } from "../fixtures/tasks/faults.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { malformed } from "../fixtures/tasks/hostile.ts";
import { changes, strange } from "../fixtures/tasks/hostile_thread.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { rejectionOf } from "../fixtures/rejection.ts";
import { hasSilentThreads, runtime } from "../fixtures/runtime.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faultsUrl = new URL("../fixtures/tasks/faults.ts", import.meta.url);
const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(faultsUrl);
const hostile = fromModule<typeof import("../fixtures/tasks/hostile.ts")>(
  new URL("../fixtures/tasks/hostile.ts", import.meta.url),
);
const thread = fromModule<typeof import("../fixtures/tasks/hostile_thread.ts")>(
  new URL("../fixtures/tasks/hostile_thread.ts", import.meta.url),
);

async function assertUsable(pool: Pool): Promise<void> {
  assert.deepEqual(await pool.map(faults.identity, [1, 2, 3]), [1, 2, 3]);
}

/** Runs an attack while an honest task runs in another worker, which must not notice. */
async function besideHonestTask<T>(pool: Pool, attack: () => Promise<T>): Promise<T> {
  const gate = makeGate();
  let isSettled = false;
  const honest = pool.apply(faults.waitAndReturn, [gate, "honest"]);
  const noted = honest.finally(() => isSettled = true);
  await arrivals(gate, 1);
  const result = await attack();
  assert.equal(isSettled, false);
  open(gate);
  assert.equal(await noted, "honest");
  await assertUsable(pool);
  return result;
}

describe("A message that a task posts on its global scope", () => {
  it("settles nothing, whatever it says and however often", () =>
    withPool({ workers: 2 }, async (pool) => {
      const answers = await besideHonestTask(pool, () => pool.map(hostile.postOnScope, [1, 100]));
      assert.deepEqual(answers, ["posted", "posted"]);
      const { lost, failed, restarted } = pool.stats();
      assert.deepEqual([lost, failed, restarted], [0, 0, 0]);
    }));

  it("settles nothing of a worker of the caller's own either", async () => {
    const worker = () =>
      makeWorker(new URL("../fixtures/workers/faults.worker.ts", import.meta.url));
    await withPool({ workers: 2, worker }, async (pool) => {
      const post = () => pool.apply(hostile.postOnScope, [20]);
      assert.equal(await besideHonestTask(pool, post), "posted");
    });
  });
});

describe("A task that takes over its worker's channel", () => {
  it("is lost with its worker when it sends what makes no sense", () =>
    withPool({ workers: 3 }, async (pool) => {
      const names = Object.keys(malformed);
      const outcomes = await besideHonestTask(
        pool,
        () => pool.mapSettled(hostile.sendMalformed, names, { chunkSize: 1 }),
      );
      for (const [at, outcome] of outcomes.entries()) {
        const error = "reason" in outcome ? outcome.reason : undefined;
        assert.ok(error instanceof WorkerLostError, `${names[at]}: ${error}`);
        assert.equal(error.task, "sendMalformed");
        assert.match(String(error.cause), /a message that makes no sense/);
      }
      const { lost, restarted } = pool.stats();
      assert.deepEqual([lost, restarted], [names.length, names.length]);
    }));

  it("settles its own task only when it forges a result", () =>
    withPool({ workers: 2 }, async (pool) => {
      const forge = () => pool.apply(hostile.forgeOwnResult);
      assert.equal(await besideHonestTask(pool, forge), "forged");
    }));

  it("settles no task of another worker when it forges every reply", () =>
    // Tasks that its worker were given later would be at its mercy: it is given none.
    withPool({ workers: 2, maxTasksPerWorker: 1 }, async (pool) => {
      await besideHonestTask(pool, () => Promise.allSettled([pool.apply(hostile.forgeEverything)]));
    }));

  it("harms nobody but itself when it forges handshakes", () =>
    withPool({ workers: 2 }, async (pool) => {
      await besideHonestTask(pool, () => Promise.allSettled([pool.apply(hostile.shakeHands)]));
    }));

  it("is ended by its timeout when it lets nothing out", () =>
    withPool({ workers: 2 }, async (pool) => {
      const silence = () => rejectionOf(pool.apply(thread.silence, [], { timeout: 200 }));
      assert.ok(await besideHonestTask(pool, silence) instanceof TimeoutError);
    }));

  for (const lie of [0, -1, 0x0004_0000, 0x0fff_0fff]) {
    it(`takes no result away when it writes ${lie} into the memory of claims`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const lies = [0, 1, 2, 3, 4, 5].map((index) => ({ lie, index }));
        const outcomes = await pool.mapSettled(thread.lieAboutClaims, lies, { chunkSize: 6 });
        const answers = outcomes.map((outcome) => "value" in outcome ? outcome.value : "lost");
        assert.deepEqual(answers.slice(0, 4), [0, 1, 2, "lost"]);
        assert.equal(pool.stats().completed, answers.filter((answer) => answer !== "lost").length);
        await assertUsable(pool);
      }));
  }
});

describe("A task that changes its thread", () => {
  it("harms no other thread, whatever it changes", () =>
    withPool({ workers: 3, maxTasksPerWorker: 1 }, async (pool) => {
      const own = Reflect.ownKeys(Object.prototype).length;
      const names = Object.keys(changes);
      const options = { chunkSize: 1, timeout: 1_000 };
      const change = () => pool.mapSettled(thread.change, names, options);
      for (const [at, outcome] of (await besideHonestTask(pool, change)).entries()) {
        const { reason, value } = { reason: undefined, value: undefined, ...outcome };
        const isTyped = reason instanceof WorkerLostError || reason instanceof TimeoutError;
        assert.ok(isTyped || value === "changed", `${names[at]}: ${reason} ${value}`);
      }
      assert.equal(Reflect.ownKeys(Object.prototype).length, own);
    }));

  it("changes it for the tasks after it, until the worker is replaced", async () => {
    const calls = (pool: Pool) => pool.map(thread.countInGlobal, [undefined, undefined, undefined]);
    await withPool({ workers: 1 }, async (pool) => {
      assert.deepEqual(await calls(pool), [1, 2, 3]);
    });
    await withPool({ workers: 1, maxTasksPerWorker: 1 }, async (pool) => {
      assert.deepEqual(await calls(pool), [1, 1, 1]);
    });
    assert.equal("calls" in globalThis, false);
  });

  it("changes the environment of the process on Deno alone", () =>
    withPool({ workers: 1 }, async (pool) => {
      await pool.apply(thread.setEnvironment, ["POLYPOOL_TEST"]);
      assert.equal("POLYPOOL_TEST" in process.env, runtime === "deno");
      delete process.env["POLYPOOL_TEST"];
    }));
});

describe(
  "A task that steals locks",
  { skip: !hasSilentThreads && "no locks are used here" },
  () => {
    it("loses workers, and nothing else", {
      skip: runtime === "browser" && "a worker may get its lock after the thief has looked",
    }, () =>
      withPool({ workers: 2 }, async (pool) => {
        await pool.ready();
        // Not for so long that no worker can be started any more.
        const tasks = [pool.apply(thread.stealLocks, [30]), pool.apply(faults.nap, [5_000])];
        for (const error of await Promise.all(tasks.map(rejectionOf))) {
          assert.ok(error instanceof WorkerLostError, String(error));
        }
        // The thief's time is over long before: it takes no lock of a new worker any more.
        await new Promise((wake) => setTimeout(wake, 500));
        await assertUsable(pool);
      }));

    it("is ended when it gives its own away", () =>
      withPool({ workers: 1 }, async (pool) => {
        const beats = makeCounters(1);
        const error = await rejectionOf(pool.apply(thread.playDead, [beats]));
        assert.ok(error instanceof WorkerLostError, String(error));
        await pool.apply(faults.nap, [500]);
        const last = Atomics.load(beats, 0);
        await pool.apply(faults.nap, [300]);
        assert.equal(Atomics.load(beats, 0), last);
        await assertUsable(pool);
      }));
  },
);

describe("What a task gives back", () => {
  for (const [name, make] of Object.entries(strange)) {
    it(`arrives as it is when its keys are ${name}`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const expected = structuredClone(make());
        assert.deepEqual(await pool.apply(thread.returnStrange, [name]), expected);
        const thrown = await pool.apply(thread.throwStrange, [name]).catch((thrown) => thrown);
        assert.deepEqual(Reflect.ownKeys(thrown), Reflect.ownKeys(expected));
        assert.equal("polluted" in {}, false);
      }));
  }

  it("is what it becomes where it is awaited if it has a method 'then'", () =>
    withPool({ workers: 1 }, async (pool) => {
      const thenable = () => ({ then: (resolve: (value: string) => void) => resolve("there") });
      // Enough of a promise to be awaited.
      assert.equal(await pool.apply(thenable as unknown as () => Promise<string>), "there");
      const error = await rejectionOf(pool.apply(() => ({ catch: () => "here" })));
      assert.ok(error instanceof SerializationError, String(error));
    }));

  it("may be an error that looks like the pool's own", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await rejectionOf(pool.apply(thread.throwAsIfByThePool));
      assert.ok(error instanceof PoolTerminatedError);
      assert.equal(pool.state, "running");
    }));

  it("names files of both threads in the stack of an error", () =>
    withPool({ workers: 1 }, async (pool) => {
      const { stack = "" } = await rejectionOf(pool.apply(faults.throwNamed, ["error"]));
      assert.match(stack, /faults\.ts/);
      assert.match(stack, /security_test\.ts/);
    }));
});
