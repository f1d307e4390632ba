/**
 * What a long-lived program does with its pool, over and over: nothing of it may stay.
 *
 * @module
 */

import { fromModule, Pool, type PoolOptions, type TaskModule } from "../../mod.ts";
import { watch } from "./alive.ts";

/** Something to repeat. */
export interface Scenario {
  /** What is repeated. */
  readonly what: string;
  /** How often in all. */
  readonly total: number;
  /** Whether each time takes a new worker. */
  readonly startsWorkers?: boolean;
  /** Of the pool that lives all the time. */
  readonly options: PoolOptions;
  /** Whether that pool's worker never gets free, so that jobs wait. */
  readonly busy?: boolean;
  /** Whether that pool's workers live all the time, and can be measured. */
  readonly lasting?: boolean;
  /** Does it `count` times. */
  readonly repeat: (count: number, pool: Pool) => Promise<unknown>;
}

/** What workers do, and how much memory they hold. */
export const tasks: TaskModule<typeof import("./leak_tasks.ts")> = fromModule(
  new URL("./leak_tasks.ts", import.meta.url),
);

/** A signal as long-lived as the program, which never aborts. */
const { signal: patience } = new AbortController();

/** More ms than a timer can wait. */
const LONG = 2 ** 31 + 1;

/** What pools live through. */
const lives: readonly ((pool: Pool) => Promise<unknown> | void)[] = [
  () => {},
  (pool) => pool.ready(),
  (pool) => pool.map(tasks.identity, [1, 2, 3], { signal: patience }),
  (pool) => pool.apply(tasks.fail, [1], { timeout: LONG }).catch(() => {}),
  (pool) => pool.imap(tasks.identity, [1, 2, 3]).next(LONG),
  (pool) => void pool.applyAsync(tasks.hang, [], { timeout: 1, signal: patience }),
  () => {},
];

/** How pools end. */
const ends: readonly ((pool: Pool) => Promise<void>)[] = [
  (pool) => (pool.close(), pool.join()),
  (pool) => pool.terminate(),
  (pool) => pool[Symbol.asyncDispose](),
];

/** How many pools there have been. */
let made = 0;

/** How many texts of functions there have been. */
let texts = 0;

/** The body of a function, of 10 kB, which is that of no other number. */
function newText(n: number): string {
  return `/* ${String(n).repeat(20).padEnd(10_000, ".")} */ return n + ${n}`;
}

/** A pool whose workers can be measured. */
const lasting = { options: { workers: 2 }, lasting: true };

/** A pool whose jobs wait. */
const busy = { options: { workers: 1 }, busy: true };

/** The scenarios, by name. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  pools: {
    what: "pools that are used and ended",
    total: 200,
    options: { workers: 0 },
    async repeat(count) {
      for (const end = made + count; made < end; made++) {
        const pool = watch(new Pool({ workers: 1 }));
        await lives[made % lives.length]?.(pool);
        await ends[made % ends.length]?.(pool);
      }
    },
  },
  recycledWorkers: {
    what: "workers that had their number of tasks",
    total: 1_600,
    startsWorkers: true,
    options: { workers: 2, maxTasksPerWorker: 1 },
    repeat: (count, pool) => pool.map(tasks.identity, numbers(count)),
  },
  lostWorkers: {
    what: "workers that exit in a task",
    total: 400,
    startsWorkers: true,
    options: { workers: 2 },
    repeat: (count, pool) => pool.mapSettled(tasks.exit, numbers(count)),
  },
  timedOutWorkers: {
    what: "workers ended as a task took too long",
    total: 200,
    startsWorkers: true,
    options: { workers: 2 },
    repeat: (count, pool) => pool.mapSettled(tasks.hang, numbers(count), { timeout: 1 }),
  },
  map: {
    what: "tasks of map()",
    total: 600_000,
    ...lasting,
    async repeat(count, pool) {
      const errors = count / 100;
      await pool.mapSettled(tasks.fail, numbers(errors), { signal: patience });
      await pool.map(tasks.identity, numbers(count - errors), { signal: patience });
    },
  },
  imap: {
    what: "tasks of imap()",
    total: 200_000,
    ...lasting,
    async repeat(count, pool) {
      const ordered = pool.imap(tasks.identity, numbers(count / 2), { signal: patience });
      while (!(await ordered.next(LONG)).done);
      let left = count / 2;
      for await (const _ of pool.imapUnordered(tasks.identity, endless())) {
        if (--left === 0) break;
      }
    },
  },
  apply: {
    what: "tasks of apply()",
    total: 1_000_000,
    ...lasting,
    async repeat(count, pool) {
      const [few, many] = [count * 0.1, count * 0.4];
      await Promise.all(numbers(many).map((n) => pool.apply(tasks.identity, [n])));
      await Promise.all(numbers(many).map((n) => pool.apply((n: number) => n, [n])));
      const options = { signal: patience, timeout: LONG };
      await Promise.all(numbers(few).map((n) => pool.apply(tasks.identity, [n], options)));
      const results = numbers(few).map((n) => pool.applyAsync(tasks.identity, [n]));
      for (const result of results) await result.get(LONG);
    },
  },
  texts: {
    what: "functions with ever new texts",
    total: 3_000,
    ...lasting,
    async repeat(count, pool) {
      const calls: Promise<unknown>[] = [];
      for (const end = texts + count; texts < end; texts++) {
        calls.push(pool.apply(new Function("n", newText(texts)) as (n: number) => number, [1]));
      }
      await Promise.all(calls);
    },
  },
  abortedTogether: {
    what: "tasks aborted by one signal",
    total: 25_000,
    ...busy,
    async repeat(count, pool) {
      const controller = new AbortController();
      const { signal } = controller;
      const calls = numbers(count).map((n) => pool.apply(tasks.identity, [n], { signal }));
      controller.abort();
      await Promise.allSettled(calls);
    },
  },
  abortedApart: {
    what: "tasks aborted one by one",
    total: 25_000,
    ...busy,
    async repeat(count, pool) {
      for (const n of numbers(count)) {
        const controller = new AbortController();
        const { signal } = controller;
        const call = pool.apply(tasks.identity, [n], { signal, priority: priorityOf(n) });
        controller.abort();
        await call.catch(() => {});
      }
    },
  },
  abortedResults: {
    what: "tasks aborted by their results",
    total: 25_000,
    ...busy,
    async repeat(count, pool) {
      const options = { signal: patience, timeout: LONG };
      const results = numbers(count).map((n) => pool.applyAsync(tasks.identity, [n], options));
      for (const result of results) result.abort();
      for (const result of results) await result.wait(LONG);
    },
  },
  abortedMaps: {
    what: "tasks of aborted jobs",
    total: 25_000,
    ...busy,
    async repeat(count, pool) {
      for (let left = count; left > 0; left -= 5) {
        const result = pool.mapAsync(tasks.identity, numbers(4), { signal: patience });
        const stream = pool.imap(tasks.identity, endless(), { signal: patience });
        result.abort();
        await result.wait();
        await stream.return();
      }
    },
  },
  vainWaits: {
    what: "waits that time out",
    total: 50_000,
    ...busy,
    async repeat(count, pool) {
      const result = pool.applyAsync(tasks.identity, [1]);
      const stream = pool.imap(tasks.identity, endless());
      for (let left = count; left > 0; left -= 250) {
        const waits = numbers(125).flatMap(() => [result.get(0), stream.next(0)]);
        await Promise.allSettled(waits);
      }
    },
  },
};

/** Two that stand for ever and one of its own, as whoever gives deadlines for priorities has it. */
function priorityOf(n: number): number {
  return [0, -1, -2 - n][n % 3] ?? 0;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function* endless(): Generator<number> {
  for (let n = 0;; n++) yield n;
}
