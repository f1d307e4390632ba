import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  fromModule,
  type MapOptions,
  type Pool,
  type PoolOptions,
  type ResultIterator,
  type TaskReference,
} from "../../mod.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";
import { WatchedController } from "./watched_signal.ts";

/** What a job is made of. */
interface JobParts {
  readonly task: TaskReference<[item: unknown], unknown>;
  readonly items: Iterable<unknown>;
  readonly options: Omit<MapOptions, "onReport" | "transfer">;
}

/** One way for a job to end. */
interface Ending extends Partial<JobParts> {
  readonly pool?: PoolOptions;
  /** Goes before the job. */
  readonly before?: (pool: Pool, controller: WatchedController) => unknown;
  /** Ends the job, once it was started. */
  readonly after?: (pool: Pool, controller: WatchedController) => unknown;
  /** Whether it takes a worker that can be ended. */
  readonly takesWorker?: boolean;
  /** Whether the job is refused before anybody could listen. */
  readonly isRefused?: boolean;
}

const url = new URL("./leak_tasks.ts", import.meta.url);
const tasks = fromModule<typeof import("./leak_tasks.ts")>(url);
const { missing } = fromModule<{ missing(item: unknown): void }>(url);

function* throwingInput(): Generator<number> {
  yield 1;
  throw new RangeError("no more");
}

function fail(): never {
  throw new RangeError("thrown by a callback");
}

function throwingFactory(): never {
  throw new Error("no more threads");
}

async function breakPool(pool: Pool): Promise<void> {
  await pool.ready().catch(() => {});
}

const isRunning = (pool: Pool) => until(() => pool.stats().running > 0);

const endings: Readonly<Record<string, Ending>> = {
  "all goes well": {},
  "there is no input": { items: [] },
  "a task throws": { task: tasks.fail },
  "a task throws and the job fails fast": { task: tasks.fail, options: { failFast: true } },
  "a worker dies": { task: tasks.exit, takesWorker: true },
  "a worker dies again and again": {
    task: tasks.exit,
    options: { retries: 2 },
    takesWorker: true,
  },
  "a task takes too long": { task: tasks.hang, options: { timeout: 5 }, takesWorker: true },
  "its function is not there": { task: missing },
  "an argument cannot be cloned": { items: [() => 1] },
  "a result cannot be cloned": { task: tasks.returnUnclonable },
  "its input throws": { items: { [Symbol.iterator]: throwingInput } },
  "a callback throws": { options: { onProgress: fail } },
  "it is aborted before the call": { before: (_pool, controller) => controller.abort() },
  "it is aborted at once": { after: (_pool, controller) => controller.abort() },
  "it is aborted while it waits": {
    before: (pool) => void pool.map(tasks.hang, [1, 2], { chunkSize: 1 }).catch(() => {}),
    after: async (pool, controller) => {
      await isRunning(pool);
      controller.abort();
    },
  },
  "it is aborted while it runs": {
    task: tasks.hang,
    after: async (pool, controller) => {
      await isRunning(pool);
      controller.abort();
    },
  },
  "its pool is closed": { after: (pool) => pool.close() },
  "its pool is terminated": { task: tasks.hang, after: (pool) => pool.terminate() },
  "the initializer fails": { pool: { initializer: tasks.fail, initArgs: [1] } },
  "the pool is broken": { pool: { initializer: tasks.fail, initArgs: [1] }, before: breakPool },
  "no worker can be started": { pool: { worker: throwingFactory }, takesWorker: true },
  "the pool was closed": { before: (pool) => pool.close(), isRefused: true },
  "its options are wrong": { options: { priority: NaN }, isRefused: true },
};

/** One method of each kind. */
const FIRST: readonly string[] = ["apply", "map", "imap"];

/** Runs a job of one task or more, and resolves when it is over. */
type Method = (pool: Pool, parts: JobParts) => Promise<unknown>;

async function readAll(results: ResultIterator<unknown>): Promise<void> {
  for (;;) {
    const result = await results.next().catch(() => undefined);
    if (result?.done) return;
  }
}

async function readOne(results: ResultIterator<unknown>): Promise<void> {
  for await (const _ of results) break;
}

function* argLists(items: Iterable<unknown>): Generator<[unknown]> {
  for (const item of items) yield [item];
}

const methods: Readonly<Record<string, Method>> = {
  apply: (pool, { task, items: [item], options }) => pool.apply(task, [item], options),
  applyAsync: (pool, { task, items: [item], options }) =>
    pool.applyAsync(task, [item], options).wait(),
  map: (pool, { task, items, options }) => pool.map(task, items, options),
  mapAsync: (pool, { task, items, options }) => pool.mapAsync(task, items, options).wait(),
  starmap: (pool, { task, items, options }) => pool.starmap(task, argLists(items), options),
  mapSettled: (pool, { task, items, options }) => pool.mapSettled(task, items, options),
  imap: (pool, { task, items, options }) => readAll(pool.imap(task, items, options)),
  imapUnordered: (pool, { task, items, options }) =>
    readOne(pool.imapUnordered(task, items, options)),
};

async function assertNoneStays(
  ending: Ending,
  method: Method,
  workers: number,
): Promise<void> {
  const { task = tasks.identity, items = [1, 2, 3], before, after, isRefused = false } = ending;
  const controller = new WatchedController();
  await withPool({ workers, ...ending.pool }, async (pool) => {
    await before?.(pool, controller);
    const { signal } = controller;
    const job = (async () => {
      await method(pool, { task, items, options: { ...ending.options, signal } });
    })();
    const over = job.catch(() => {});
    await after?.(pool, controller);
    await over;
    assert.equal(controller.listeners, 0);
    assert.equal(controller.added > 0, !isRefused);
  });
}

describe("A signal", () => {
  for (const [when, ending] of Object.entries(endings)) {
    for (const [name, method] of Object.entries(methods)) {
      const title = `is left by ${name}() when ${when}`;
      const { takesWorker = false } = ending;
      if (!takesWorker) {
        it(`${title}, with workers: 0`, () => assertNoneStays(ending, method, 0));
      }
      // The other methods differ on the calling thread alone.
      if (FIRST.includes(name)) it(title, () => assertNoneStays(ending, method, 2));
    }
  }
});
