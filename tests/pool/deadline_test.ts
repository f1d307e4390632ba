import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers";
import { fileURLToPath } from "node:url";
import { type AsyncResult, fromModule, type Pool, TimeoutError } from "../../mod.ts";
import { arrivals, makeGate } from "../fixtures/gate.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { isFirefox, runtime } from "../fixtures/runtime.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/deadline.ts")>(
  new URL("../fixtures/tasks/deadline.ts", import.meta.url),
);
const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** What a deadline allows, and how long the caller is blocked meanwhile, in ms. */
const ALLOWED = 500;
const BLOCKED = 900;

/** Far more than any wait below needs, far less than a test may take. */
const AMPLE = 15_000;

/** Why no worker can start meanwhile, if so. */
const skipsStarts = isFirefox && "the thread that is blocked loads the files of workers";

/** Computes on the caller's thread, which hears nothing meanwhile: from where timers come next. */
async function block(ms = BLOCKED): Promise<void> {
  await new Promise((wake) => setImmediate(wake));
  const end = Date.now() + ms;
  while (Date.now() < end);
}

/** Lets pass what has arrived. */
function turn(): Promise<void> {
  return new Promise((wake) => setTimeout(wake, 20));
}

interface Begun {
  readonly result: AsyncResult<number>;
}

/** Resolves when a task of so many ms runs, and its clock with it. */
async function begun(pool: Pool, ms: number, timeout = Infinity): Promise<Begun> {
  const { promise, resolve: onReport } = Promise.withResolvers<unknown>();
  const result = pool.applyAsync(tasks.reportAndNap, [ms], { timeout, onReport });
  await promise;
  return { result };
}

describe("A caller that is blocked", () => {
  it("apply() gets the result of a task that ended in time", () =>
    withPool({ workers: 1 }, async (pool) => {
      const name = await pool.apply(faults.workerName);
      const { result } = await begun(pool, 50, ALLOWED);
      await block();
      assert.equal(await result, 50);
      assert.equal(await pool.apply(faults.workerName), name);
      assert.deepEqual([pool.stats().restarted, pool.stats().failed], [0, 0]);
    }));

  it("apply() gets the error of a task that threw in time", () =>
    withPool({ workers: 1 }, async (pool) => {
      const { promise, resolve: onReport } = Promise.withResolvers<unknown>();
      const result = pool.applyAsync(tasks.napAndThrow, [50], { timeout: ALLOWED, onReport });
      await promise;
      await block();
      await assert.rejects(result, RangeError);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("apply() gets the results of tasks that wait behind one another", () =>
    withPool({ workers: 2 }, async (pool) => {
      await pool.ready();
      const times = [50, 60, 70, 80, 90, 100];
      const results = times.map((ms) => pool.apply(faults.nap, [ms], { timeout: 250 }));
      for (let round = 0; round < 3; round++) {
        await turn();
        await block(400);
      }
      assert.deepEqual(await Promise.all(results), times);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("map(), mapSettled() and imap() get what was done in time", () =>
    withPool({ workers: 2 }, async (pool) => {
      await pool.ready();
      const times = Array(8).fill(40);
      const options = { timeout: ALLOWED, chunkSize: 4 };
      const mapped = pool.map(faults.nap, times, options);
      const settled = pool.mapSettled(faults.nap, times, options);
      const stream = pool.imap(faults.nap, times, options);
      for (let round = 0; round < 3; round++) {
        await turn();
        await block();
      }
      assert.deepEqual(await mapped, times);
      assert.ok((await settled).every(({ status }) => status === "fulfilled"));
      assert.deepEqual(await Array.fromAsync(stream), times);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("apply() still ends a task beside them that takes too long, soon", () =>
    withPool({ workers: 2 }, async (pool) => {
      await pool.ready();
      const { result: long } = await begun(pool, AMPLE, ALLOWED);
      const { result: short } = await begun(pool, 50, ALLOWED);
      await block();
      const start = Date.now();
      await assert.rejects(long, TimeoutError);
      assert.ok(Date.now() - start < AMPLE / 3);
      assert.equal(await short, 50);
      assert.equal(pool.stats().restarted, 1);
    }));

  it("new Pool() finds a worker up that started meanwhile (startTimeout)", {
    skip: skipsStarts,
  }, () => {
    const options = { workers: 1, minWorkers: 1, startTimeout: ALLOWED, name: "late" };
    return withPool(options, async (pool) => {
      await block(1_500);
      assert.equal(await pool.apply(faults.workerName, [], { timeout: AMPLE }), "late-1");
    });
  });

  it("new Pool() finds a worker of its caller's up that started meanwhile (startTimeout)", {
    skip: skipsStarts,
  }, () => {
    const worker = () =>
      makeWorker(new URL("../fixtures/workers/faults.worker.ts", import.meta.url));
    const options = { workers: 1, minWorkers: 1, startTimeout: ALLOWED, name: "late", worker };
    return withPool(options, async (pool) => {
      await block(1_500);
      assert.equal(await pool.apply(faults.workerName), "late-1");
    });
  });

  it("apply() finds a module loaded that was loaded meanwhile (startTimeout)", () =>
    withPool({ workers: 1, startTimeout: 800, name: "late" }, async (pool) => {
      await pool.apply(() => 1);
      const slow = fromModule<typeof import("../fixtures/tasks/slow_module.ts")>(
        new URL("../fixtures/tasks/slow_module.ts", import.meta.url),
      );
      const result = pool.apply(slow.loaded);
      for (let count = 0; count < 5; count++) await turn();
      await block(1_200);
      assert.equal(await result, true);
      assert.equal(await pool.apply(faults.workerName), "late-1");
    }));

  it("new Pool() finds an initializer done that was done meanwhile (initTimeout)", () => {
    const gate = makeGate();
    const initializer = tasks.arriveAndNap;
    const initArgs: [typeof gate, number] = [gate, 100];
    const options = { workers: 1, minWorkers: 1, initializer, initArgs, initTimeout: ALLOWED };
    return withPool(options, async (pool) => {
      await arrivals(gate, 1);
      await turn();
      await block();
      assert.equal(await pool.apply(faults.identity, [1]), 1);
    });
  });

  it("abort() keeps the worker of a task that heeded its signal meanwhile (abortGrace)", () =>
    withPool({ workers: 1, abortGrace: ALLOWED }, async (pool) => {
      const name = await pool.apply(faults.workerName);
      const gate = makeGate();
      const result = pool.applyAsync(faults.heedSignal, [gate]);
      await arrivals(gate, 1);
      result.abort();
      await block();
      await assert.rejects(result, { name: "AbortError" });
      assert.equal(await pool.apply(faults.workerName), name);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("a timeout keeps the worker of a task that heeded its signal meanwhile (abortGrace)", () =>
    withPool({ workers: 1, abortGrace: ALLOWED }, async (pool) => {
      const name = await pool.apply(faults.workerName);
      const result = pool.apply(faults.heedSignal, [makeGate()], { timeout: 50 });
      await assert.rejects(result, TimeoutError);
      await block();
      assert.equal(await pool.apply(faults.workerName), name);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("close() counts no worker as abandoned that ended meanwhile", () =>
    withPool({ workers: 2 }, async (pool) => {
      await pool.ready();
      pool.close();
      await block(1_700);
      await pool.join();
      assert.equal(pool.stats().abandoned, 0);
    }));

  it("terminate() counts no worker as abandoned that ended meanwhile", () =>
    withPool({ workers: 3 }, async (pool) => {
      await pool.ready();
      const hanging = assert.rejects(pool.apply(faults.hang));
      await turn();
      const ended = pool.terminate();
      await block(1_700);
      await ended;
      await hanging;
      assert.equal(pool.stats().abandoned, 0);
    }));

  it("get(), wait() and next() give what arrived meanwhile", () =>
    withPool({ workers: 3 }, async (pool) => {
      await pool.ready();
      const { result: first } = await begun(pool, 50);
      const { result: second } = await begun(pool, 50);
      const stream = pool.imap(faults.nap, [50]);
      const waits = Promise.all([first.get(300), second.wait(300), stream.next(300)]);
      await turn();
      await block();
      assert.deepEqual((await waits)[0], 50);
      assert.equal(second.ready(), true);
      assert.deepEqual((await waits)[2], { done: false, value: 50 });
    }));

  it("get(), wait() and next() that are called afterwards, for no time at all, do so too", () =>
    withPool({ workers: 3 }, async (pool) => {
      await pool.ready();
      const { result: first } = await begun(pool, 50);
      const { result: second } = await begun(pool, 50);
      const stream = pool.imap(tasks.reportAndNap, [50]);
      await turn();
      await block();
      const waits = Promise.all([first.get(0), second.wait(-1), stream.next(0)]);
      assert.deepEqual((await waits)[0], 50);
      assert.equal(second.ready(), true);
      assert.deepEqual((await waits)[2], { done: false, value: 50 });
    }));

  it("apply() gets a result that comes behind many reports", () =>
    withPool({ workers: 1 }, async (pool) => {
      let told = 0;
      const onReport = () => void told++;
      const options = { timeout: 2_000, onReport };
      const result = pool.apply(tasks.reportOften, [300], options);
      while (told === 0) await turn();
      await block(2_500);
      await result;
      assert.equal(pool.stats().restarted, 0);
    }));
});

describe("A deadline", () => {
  it("get(0), and that for less than no time, do not wait", () =>
    withPool({ workers: 1 }, async (pool) => {
      const { result } = await begun(pool, AMPLE);
      const start = Date.now();
      for (const ms of [0, -1, -Infinity]) await assert.rejects(result.get(ms), TimeoutError);
      await result.wait(0);
      assert.ok(Date.now() - start < AMPLE / 3);
      assert.equal(result.ready(), false);
    }));

  it("apply() ends a task that reports without end", () =>
    withPool({ workers: 1 }, async (pool) => {
      const start = Date.now();
      const options = { timeout: 300, onReport: () => {} };
      await assert.rejects(pool.apply(tasks.reportOften, [AMPLE], options), TimeoutError);
      assert.ok(Date.now() - start < AMPLE / 3);
    }));

  it("get() ends while a task reports without end", () =>
    withPool({ workers: 1 }, async (pool) => {
      const start = Date.now();
      const result = pool.applyAsync(tasks.reportOften, [AMPLE], { onReport: () => {} });
      await assert.rejects(result.get(300), TimeoutError);
      assert.ok(Date.now() - start < AMPLE / 3);
    }));
});

describe("A program that is stopped for a while", () => {
  const skip = process.platform === "win32" && "there are no such signals";

  it("ends none of its waits and workers that had time left", { skip }, async () => {
    const child = start("exit/stopped.ts");
    const output = new Output(child);
    try {
      await output.has("begun");
      signal(child, "SIGSTOP");
      await new Promise((wake) => setTimeout(wake, 2_500));
      signal(child, "SIGCONT");
      assert.equal(await output.end, 0, output.text);
    } finally {
      if (child.exitCode === null) signal(child, "SIGKILL");
    }
    const [, line = ""] = output.text.trim().split("\n");
    assert.deepEqual(JSON.parse(line), [["400", "400", "400", "400", "1"], 0]);
  });
});

/** Starts a program of the fixtures. */
function start(file: string): ChildProcess {
  const path = fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));
  const command = runtime === "deno" ? ["run", "-A", "--no-check", path] : [path];
  return spawn(process.execPath, command, { timeout: 60_000 });
}

/** Sends a signal: on Deno `child.kill()` does so only once. */
function signal({ pid }: ChildProcess, name: string): void {
  if (pid !== undefined) process.kill(pid, name);
}

/** What a program says, as it comes. */
class Output {
  text = "";
  /** Its exit code, in the end. */
  readonly end: Promise<number | null>;
  readonly #words = new Map<string, () => void>();

  constructor(child: ChildProcess) {
    const add = (data: Uint8Array) => {
      this.text += data;
      for (const [word, resolve] of this.#words) if (this.text.includes(word)) resolve();
    };
    child.stdout?.on("data", add);
    child.stderr?.on("data", add);
    this.end = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code));
    });
  }

  /** Resolves when it has said a word, or has ended without. */
  has(word: string): Promise<unknown> {
    const said = new Promise<void>((resolve) => this.#words.set(word, resolve));
    return Promise.race([said, this.end]);
  }
}
