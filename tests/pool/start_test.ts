import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { fromModule, type Pool, type PoolOptions, WorkerLostError } from "../../mod.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { runtime } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** Far more than five failed starts need, far less than a test may take. */
const AMPLE = 15_000;

function fixture(path: string): URL {
  return new URL(path, import.meta.url);
}

/** Asserts that a pool gives up after five starts, soon and for good; returns the cause. */
async function causeOfGivingUp(options: PoolOptions): Promise<unknown> {
  const start = Date.now();
  let cause: unknown;
  await withPool(options, async (pool) => {
    const pending: PromiseLike<unknown>[] = [
      pool.apply(faults.identity, [1]),
      pool.map(faults.identity, [1, 2, 3]),
      pool.imap(faults.identity, [1]).next(),
      pool.broadcast(faults.identity, [1]),
      pool.ready(),
    ];
    const errors = await Promise.all(
      pending.map((promise) => promise.then(() => undefined, (error: unknown) => error)),
    );
    for (const error of errors) {
      assert.ok(error instanceof WorkerLostError, `not a WorkerLostError: ${error}`);
      cause = error.cause;
    }
    assert.ok(Date.now() - start < AMPLE);
    await assertBroken(pool);
  });
  return cause;
}

async function assertBroken(pool: Pool): Promise<void> {
  assert.equal(pool.state, "broken");
  await assert.rejects(pool.apply(faults.identity, [1]), WorkerLostError);
  await assert.rejects(pool.map(faults.identity, [1]), WorkerLostError);
  await assert.rejects(pool.ready(), WorkerLostError);
  await pool.join();
  await pool.terminate();
  assert.equal(pool.state, "terminated");
}

describe("Workers that cannot start", () => {
  it("new Pool() breaks after five starts when the factory throws", async () => {
    let calls = 0;
    const worker = (): never => {
      calls++;
      throw new RangeError("no more threads");
    };
    const cause = await causeOfGivingUp({ workers: 1, worker });
    assert.ok(cause instanceof RangeError);
    assert.equal(cause.message, "no more threads");
    assert.equal(calls, 5);
  });

  it("new Pool() breaks soon when the factory throws for several workers", async () => {
    let calls = 0;
    const worker = (): never => {
      calls++;
      throw new RangeError("no more threads");
    };
    await causeOfGivingUp({ workers: 4, worker });
    assert.ok(calls >= 5 && calls <= 9, String(calls));
  });

  it("new Pool() breaks when the factory returns no worker", async () => {
    const worker = () => ({ postMessage() {}, terminate() {} });
    const cause = await causeOfGivingUp({ workers: 1, worker });
    assert.ok(cause instanceof TypeError, String(cause));
  });

  it("new Pool() breaks when the worker's file is missing", async () => {
    const worker = () => makeWorker(fixture("../fixtures/no_such_worker.ts"));
    const cause = await causeOfGivingUp({ workers: 2, worker });
    assert.ok(cause instanceof Error, String(cause));
  });

  it("new Pool() breaks when the worker's file throws", async () => {
    const worker = () => makeWorker(fixture("../fixtures/bad/throws.ts"));
    const cause = await causeOfGivingUp({ workers: 2, worker });
    assert.match(String(cause), /thrown at import/);
  });

  it("new Pool() breaks when the worker's file ends its thread", async () => {
    const cause = await causeOfGivingUp({
      workers: 1,
      startTimeout: 1_000,
      worker: () => makeWorker(fixture("../fixtures/bad/exits.ts")),
    });
    assert.ok(cause instanceof Error, String(cause));
  });

  it("new Pool() breaks when workers never say that they are ready", async () => {
    const cause = await causeOfGivingUp({
      workers: 1,
      startTimeout: 100,
      worker: () => makeWorker(fixture("../fixtures/bad/silent_worker.ts")),
    });
    assert.equal(cause instanceof Error && cause.name, "TimeoutError");
  });

  it("new Pool() breaks with minWorkers before anything is submitted", () => {
    const worker = (): never => {
      throw new RangeError("no more threads");
    };
    return withPool({ workers: 2, minWorkers: 1, worker }, async (pool) => {
      await until(() => pool.state === "broken");
      await assertBroken(pool);
    });
  });

  it("apply() survives four failed starts", () => {
    let calls = 0;
    const worker = () => {
      if (++calls < 5) throw new RangeError("not yet");
      return makeWorker(fixture("../fixtures/workers/faults.worker.ts"));
    };
    return withPool({ workers: 1, worker }, async (pool) => {
      assert.equal(await pool.apply(faults.identity, [1]), 1);
      assert.equal(pool.state, "running");
      assert.equal(calls, 5);
    });
  });

  it("close() ends a pool whose workers cannot start", () => {
    const worker = (): never => {
      throw new RangeError("no more threads");
    };
    return withPool({ workers: 1, worker }, async (pool) => {
      const rejected = assert.rejects(pool.apply(faults.identity, [1]), WorkerLostError);
      pool.close();
      await rejected;
      await pool.join();
    });
  });
});

describe("A program given as text", () => {
  const skip = runtime !== "node" && "nowhere else does it take a flag that workers would inherit";
  it("starts workers like any other", { skip }, async () => {
    const mod = new URL("../../mod.ts", import.meta.url);
    const program = `
      import { Pool } from ${JSON.stringify(mod)};
      const pool = new Pool({ workers: 1 });
      console.log(await pool.apply((n) => n + 1, [1]));
      await pool.terminate();
    `;
    const args = ["--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    assert.equal(stdout, "2\n");
  });
});
