import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool, WorkerLostError } from "../../mod.ts";
import { type CountedTask, type Counters, makeCounters } from "../fixtures/tasks/faults.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { hasSilentThreads, runtime } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

const served = fromModule<typeof import("../fixtures/tasks/faults.ts")>();

const onlyOnDeno = runtime !== "deno" && "nowhere else has a worker this function";

const onlyWithClose = !hasSilentThreads && "a worker has no such function";

async function lossOf(promise: PromiseLike<unknown>): Promise<WorkerLostError> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  assert.ok(error instanceof WorkerLostError, `not a WorkerLostError: ${error}`);
  return error;
}

async function assertUsable(pool: Pool): Promise<void> {
  assert.equal(await pool.apply(faults.identity, ["alive"]), "alive");
}

/** Tasks of which one ends its worker in its first so many runs. */
function counted(runs: Counters, deadly: number, deaths = 1): CountedTask[] {
  return Array.from(runs, (_, index) => ({ runs, index, deaths: index === deadly ? deaths : 0 }));
}

describe("A task that ends its worker", () => {
  it("process.exit() rejects its task with a WorkerLostError that names it", () =>
    withPool({ workers: 1, name: "crew" }, async (pool) => {
      const error = await lossOf(pool.apply(faults.exitProcess, [7]));
      assert.equal(error.name, "WorkerLostError");
      assert.equal(error.task, "exitProcess");
      assert.match(error.workerName, /^crew-\d+$/);
      assert.match(error.message, /exitProcess/);
      assert.ok(error.message.includes(error.workerName), error.message);
      assert.equal(error.exitCode, hasSilentThreads ? undefined : 7);
      await assertUsable(pool);
      assert.deepEqual([pool.stats().lost, pool.stats().restarted], [1, 1]);
    }));

  it("process.exit() rejects its task though a test of the caller's has replaced the timers", () =>
    withPool({ workers: 1 }, async (pool) => {
      await pool.apply(faults.identity, [1]);
      const { setTimeout } = globalThis;
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error("it waits for ever")), 10_000);
      Reflect.set(globalThis, "setTimeout", () => 0);
      try {
        await Promise.race([lossOf(pool.apply(faults.exitProcess, [7])), late.promise]);
      } finally {
        Reflect.set(globalThis, "setTimeout", setTimeout);
        clearTimeout(timer);
      }
    }));

  it(
    "Deno.exit() rejects its task with a WorkerLostError",
    { skip: onlyOnDeno },
    () =>
      withPool({ workers: 1 }, async (pool) => {
        const error = await lossOf(pool.apply(faults.exitDeno, [7]));
        assert.equal(error.task, "exitDeno");
        await assertUsable(pool);
      }),
  );

  it(
    "self.close() rejects its task with a WorkerLostError",
    { skip: onlyWithClose },
    () =>
      withPool({ workers: 1 }, async (pool) => {
        const error = await lossOf(pool.apply(faults.closeSelf));
        assert.equal(error.task, "closeSelf");
        await assertUsable(pool);
      }),
  );

  for (const name of ["exitProcess", "exitDeno", "closeSelf"] as const) {
    const skip = name === "exitDeno" ? onlyOnDeno : onlyWithClose;
    it(`${name}() is noticed where there are no Web Locks either`, { skip }, () => {
      const url = new URL("../fixtures/workers/unlocked.worker.ts", import.meta.url);
      const worker = () => new Worker(url, { type: "module" });
      return withPool({ workers: 1, worker }, async (pool) => {
        const error = await lossOf(pool.apply<[number], never>(served[name], [7]));
        assert.equal(error.task, name);
        await assertUsable(pool);
      });
    });
  }

  for (
    const [name, reason] of [
      ["throwInTimer", "thrown in a timer"],
      ["rejectUnhandled", "rejected unheard"],
    ] as const
  ) {
    it(`${name}() rejects its task with a WorkerLostError whose cause says why`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const error = await lossOf(pool.apply(faults[name]));
        assert.equal(error.task, name);
        assert.ok(error.cause instanceof Error, `cause is ${error.cause}`);
        assert.ok(error.cause.message.includes(reason), error.cause.message);
        await assertUsable(pool);
      }));
  }

  it("apply() behind a lost task runs in the replacement", () =>
    withPool({ workers: 1 }, async (pool) => {
      const lost = lossOf(pool.apply(faults.exitProcess, [1]));
      const behind = [1, 2, 3].map((n) => pool.apply(faults.identity, [n]));
      const { workerName } = await lost;
      assert.deepEqual(await Promise.all(behind), [1, 2, 3]);
      assert.notEqual(await pool.apply(faults.workerName), workerName);
    }));

  it("apply() in another worker is not affected", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const held = pool.apply(faults.waitAndReturn, [gate, "held"]);
      await arrivals(gate, 1);
      await lossOf(pool.apply(faults.exitProcess, [1]));
      await assertUsable(pool);
      open(gate);
      assert.equal(await held, "held");
    }));

  it("stats() shows that an idle worker that dies is replaced", () =>
    withPool({ workers: 1 }, async (pool) => {
      await pool.apply(faults.exitLater, [1]);
      await until(() => pool.stats().restarted === 1);
      await assertUsable(pool);
      assert.equal(pool.stats().lost, 0);
    }));

  it("apply() runs on after many deaths in a row", () =>
    withPool({ workers: 2 }, async (pool) => {
      for (let round = 0; round < 8; round++) await lossOf(pool.apply(faults.exitProcess, [1]));
      await assertUsable(pool);
      assert.equal(pool.stats().lost, 8);
    }));

  it("applyAsync() calls the errorCallback with the WorkerLostError", () =>
    withPool({ workers: 1 }, async (pool) => {
      const errors: unknown[] = [];
      const options = { errorCallback: (error: unknown) => errors.push(error) };
      const result = pool.applyAsync(faults.exitProcess, [1], options);
      assert.deepEqual([await lossOf(result)], errors);
      assert.equal(result.successful(), false);
    }));
});

describe("A chunk whose worker dies", () => {
  it("mapSettled() keeps finished tasks and runs the rest elsewhere, each once", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(8);
      const outcomes = await pool.mapSettled(faults.countOrDie, counted(runs, 3), { chunkSize: 8 });
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status === "fulfilled" ? outcome.value : "lost"),
        [0, 1, 2, "lost", 4, 5, 6, 7],
      );
      assert.deepEqual([...runs], [1, 1, 1, 1, 1, 1, 1, 1]);
      const { completed, failed, lost, restarted } = pool.stats();
      assert.deepEqual([completed, failed, lost, restarted], [7, 0, 1, 1]);
    }));

  it(
    "mapSettled() keeps tasks that finished right before self.close()",
    { skip: onlyWithClose },
    () =>
      withPool({ workers: 1 }, async (pool) => {
        const outcomes = await pool.mapSettled(faults.closeAtThree, [0, 1, 2, 3, 4], {
          chunkSize: 5,
        });
        const values = outcomes.map((outcome) => "value" in outcome ? outcome.value : "lost");
        // In a browser code runs on until it waits.
        assert.deepEqual(values, [0, 1, 2, runtime === "browser" ? 3 : "lost", 4]);
      }),
  );

  it("mapSettled() loses only the tasks that ran when several workers die", () =>
    withPool({ workers: 2 }, async (pool) => {
      const runs = makeCounters(40);
      const items = counted(runs, -1).map((task) => ({ ...task, deaths: +(task.index % 9 === 4) }));
      const outcomes = await pool.mapSettled(faults.countOrDie, items, { chunkSize: 5 });
      const lost = outcomes.flatMap(({ status }, index) => status === "rejected" ? [index] : []);
      assert.deepEqual(lost, [4, 13, 22, 31]);
      assert.deepEqual([...runs], Array(40).fill(1));
    }));

  it("map() rejects with the WorkerLostError and still runs the rest", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(6);
      await lossOf(pool.map(faults.countOrDie, counted(runs, 1), { chunkSize: 3 }));
      assert.deepEqual([...runs], [1, 1, 1, 1, 1, 1]);
      await assertUsable(pool);
    }));

  it("imap() yields the WorkerLostError in its place and goes on", () =>
    withPool({ workers: 2 }, async (pool) => {
      const runs = makeCounters(5);
      const results = pool.imap(faults.countOrDie, counted(runs, 2), { chunkSize: 5 });
      const seen: unknown[] = [];
      for (let index = 0; index < 5; index++) {
        seen.push(await results.next().then(({ value }) => value, (error) => error.name));
      }
      assert.deepEqual(seen, [0, 1, "WorkerLostError", 3, 4]);
      assert.equal((await results.next()).done, true);
    }));

  it("broadcast() rejects when one of the workers dies, and the pool goes on", () =>
    withPool({ workers: 2 }, async (pool) => {
      await lossOf(pool.broadcast(faults.exitProcess, [1]));
      await assertUsable(pool);
    }));

  it("broadcast() runs in every worker though others die around it", () =>
    withPool({ workers: 2 }, async (pool) => {
      for (let round = 0; round < 4; round++) {
        const before = lossOf(pool.apply(faults.exitProcess, [1]));
        const all = pool.broadcast(faults.identity, [round]);
        const behind = lossOf(pool.apply(faults.exitProcess, [1]));
        assert.deepEqual(await all, [round, round]);
        await Promise.all([before, behind]);
      }
    }));

  it("mapSettled() loses one task to a full heap", {
    skip: runtime !== "node" && "a full heap ends the process here, or is none",
  }, async () => {
    const { Worker } = await import("node:worker_threads");
    const url = new URL("../fixtures/workers/faults.worker.ts", import.meta.url);
    const worker = () => new Worker(url, { resourceLimits: { maxOldGenerationSizeMb: 24 } });
    await withPool({ workers: 1, worker }, async (pool) => {
      const error = await lossOf(pool.apply(faults.fillMemory));
      assert.equal(error.task, "fillMemory");
      assert.ok(error.cause instanceof Error, `cause is ${error.cause}`);
      await assertUsable(pool);
    });
  });
});

describe("retries", () => {
  it("apply() reruns a task whose worker died", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(1);
      const [task] = counted(runs, 0, 2);
      assert.ok(task);
      assert.equal(await pool.apply(faults.countOrDie, [task], { retries: 2 }), 0);
      assert.equal(runs[0], 3);
    }));

  it("apply() gives up after so many reruns", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(1);
      const [task] = counted(runs, 0, 9);
      assert.ok(task);
      await lossOf(pool.apply(faults.countOrDie, [task], { retries: 2 }));
      assert.equal(runs[0], 3);
      await assertUsable(pool);
    }));

  it("map() reruns only the task whose worker died", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(6);
      const options = { chunkSize: 6, retries: 1 };
      const values = await pool.map(faults.countOrDie, counted(runs, 2), options);
      assert.deepEqual(values, [0, 1, 2, 3, 4, 5]);
      assert.deepEqual([...runs], [1, 1, 2, 1, 1, 1]);
    }));

  it("map() counts retries for each task of a chunk", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(5);
      const items = counted(runs, -1).map((task) => ({ ...task, deaths: 1 }));
      const values = await pool.map(faults.countOrDie, items, { chunkSize: 5, retries: 1 });
      assert.deepEqual(values, [0, 1, 2, 3, 4]);
      assert.deepEqual([...runs], [2, 2, 2, 2, 2]);
    }));

  it("apply() never reruns a task that threw", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(1);
      await assert.rejects(pool.apply(faults.countAndThrow, [runs], { retries: 3 }), RangeError);
      assert.equal(runs[0], 1);
    }));

  it("apply() never reruns a task whose arguments were transferred", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(1);
      const buffer = new ArrayBuffer(8);
      const options = { retries: 3, transfer: [buffer] };
      await lossOf(pool.apply(faults.exitWith, [runs, buffer], options));
      assert.equal(runs[0], 1);
      await assertUsable(pool);
    }));
});
