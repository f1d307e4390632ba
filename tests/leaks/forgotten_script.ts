/**
 * Forgets pools and iterators in one of several ways, has the garbage collected, and prints as JSON
 * what became of them. Nothing here ends a pool: the program has to end by itself all the same.
 *
 *     forgotten_script.ts name
 *
 * @module
 */

import process from "node:process";
import { fromModule, Pool, type PoolOptions, type ResultIterator } from "../../mod.ts";
import { type Gate, makeGate, open } from "../fixtures/gate.ts";
import { collectGarbage } from "./memory.ts";
import { tasks as leakTasks } from "./scenarios.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

type Pulse = Int32Array<SharedArrayBuffer>;

/** Each is done so often: Bun may take what lies on its stack for something that is held. */
const TIMES = 6;

/** A worker that has not counted up for so long has ended, in ms. */
const QUIET = 400;

/** Longest wait for anything, in ms. */
const MAX_WAIT = 20_000;

/** Never ends by itself, and never lets its process end where the runtime minds. */
const LASTING: PoolOptions = { workers: 1, minWorkers: 1, idleTimeout: Infinity };

/** What a generator's end is told to. */
interface Watch {
  closed: number;
}

function* endless<T>(item: T, watch: Watch): Generator<T> {
  try {
    for (;;) yield item;
  } finally {
    watch.closed++;
  }
}

async function collect(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    collectGarbage();
    await new Promise((wake) => setTimeout(wake, 5));
  }
}

/** Collects until enough has happened, or for long; gives how much has. */
async function collectUntil(wanted: number, count: () => Promise<number> | number) {
  const end = Date.now() + MAX_WAIT;
  let counted = await count();
  while (counted < wanted && Date.now() < end) {
    await collect();
    counted = await count();
  }
  return counted;
}

/** How many workers have ended. */
async function countEnded(pulses: readonly Pulse[]): Promise<number> {
  const before = pulses.map((pulse) => Atomics.load(pulse, 0));
  await new Promise((wake) => setTimeout(wake, QUIET));
  return pulses.filter((pulse, at) => Atomics.load(pulse, 0) === before[at]).length;
}

function newPulses(): Pulse[] {
  return Array.from({ length: TIMES }, () => new Int32Array(new SharedArrayBuffer(4)));
}

async function newPool(pulse: Pulse, options: PoolOptions = LASTING): Promise<Pool> {
  const pool = new Pool(options);
  await pool.apply(leakTasks.beat, [pulse]);
  return pool;
}

/** Does something with a pool for each pulse, in a scope that is left; then all must end. */
async function forget<T>(
  use: (pool: Pool, pulse: Pulse) => Promise<T> | T,
  options: PoolOptions = LASTING,
): Promise<{ ended: number; kept: T[] }> {
  const pulses = newPulses();
  const kept: T[] = [];
  for (const pulse of pulses) kept.push(await use(await newPool(pulse, options), pulse));
  return { ended: await collectUntil(TIMES, () => countEnded(pulses)), kept };
}

/** Somebody whose constructor submits, so that the place of the call is a method of its own. */
class Reader {
  readonly results: ResultIterator<unknown>;

  constructor(pool: Pool, watch: Watch) {
    this.results = pool.imap(tasks.identity, endless(1, watch));
  }
}

/** Submits to a pool that nobody holds by then, while its worker is held up. */
async function submitHeldUp(gate: Gate, log: unknown[], options: PoolOptions) {
  const pool = new Pool(options);
  await pool.ready();
  const callback = (value: unknown) => log.push(value);
  const results = [
    pool.apply(tasks.holdLater, [{ gate, n: 1 }]),
    pool.applyAsync(tasks.square, [2], { callback }),
    pool.map(tasks.square, [3, 4]),
    pool.mapAsync(tasks.square, [5, 6], { callback }),
    pool.apply((n: number) => n + 1, [7]),
    pool.broadcast(tasks.square, [8]),
  ];
  const aborted = pool.applyAsync(tasks.square, [9]);
  return { results, aborted };
}

async function settleForgotten(options: PoolOptions) {
  const gate = makeGate();
  const log: unknown[] = [];
  const { results, aborted } = await submitHeldUp(gate, log, options);
  await collect(20);
  aborted.abort("enough");
  const reason = await aborted.catch((error) => error);
  open(gate);
  const values = await Promise.all(results);
  // Jobs take turns: which of them ends first is no promise.
  return { values, reason, log: log.toSorted((a) => Array.isArray(a) ? 1 : -1) };
}

async function nextOfForgotten(options: PoolOptions, timeout?: number) {
  const gate = makeGate();
  const watch = { closed: 0 };
  const next = new Pool(options)
    .imap(tasks.holdLater, endless({ gate, n: 7 }, watch), { bufferSize: 1 }).next(timeout);
  await collect(30);
  open(gate);
  const { value } = await next;
  return { value, closed: await collectUntil(1, () => watch.closed) };
}

async function loopOverForgotten(options: PoolOptions) {
  const values: unknown[] = [];
  const items = Array.from({ length: 30 }, (_, n) => n);
  for await (const value of new Pool(options).imap(tasks.square, items, { bufferSize: 2 })) {
    values.push(value);
    if (values.length % 3 === 0) await collect(2);
  }
  return values.length;
}

async function returnForgotten(options: PoolOptions) {
  const watch = { closed: 0 };
  for (let time = 0; time < TIMES; time++) {
    await new Pool(options).imap(tasks.square, endless(2, watch)).next();
  }
  return { closed: await collectUntil(TIMES, () => watch.closed) };
}

const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  idle: () => forget(() => {}),
  idleByDefault: () => forget(() => {}, { workers: 1 }),
  unused: async () => {
    for (let time = 0; time < TIMES; time++) new Pool(LASTING);
    await collect(20);
    return {};
  },
  keptResults: async () => {
    const { ended } = await forget(async (pool) => {
      const results = [
        pool.applyAsync(tasks.square, [1]),
        pool.mapAsync(tasks.square, [1, 2]),
        pool.applyAsync(tasks.failOdd, [1]),
      ];
      for (const result of results) await result.wait();
      return results;
    });
    return { ended };
  },
  keptIterators: async () => {
    const { ended, kept } = await forget(async (pool) => {
      const results = pool.imap(tasks.square, [1, 2, 3]);
      await results.next();
      return results;
    });
    const rest = await Promise.all(kept.map((results) => results.next()));
    return { ended, values: rest.map(({ value }) => value) };
  },
  halfRead: async () => {
    const watch = { closed: 0 };
    const { signal } = new AbortController();
    const { ended } = await forget(async (pool) => {
      await pool.imapUnordered(tasks.square, endless(3, watch), { signal }).next();
    });
    return { ended, closed: watch.closed };
  },
  neverRead: async () => {
    const watch = { closed: 0 };
    const { ended } = await forget((pool) => {
      pool.imap(tasks.square, endless(3, watch));
    });
    return { ended, closed: watch.closed };
  },
  brokenOff: async () => {
    const watch = { closed: 0 };
    const { ended } = await forget(async (pool) => {
      const facade = pool.imap(tasks.square, endless(3, watch))[Symbol.asyncIterator]();
      await facade.next();
    });
    return { ended, closed: watch.closed };
  },
  ownReader: async () => {
    const watch = { closed: 0 };
    const { ended } = await forget(async (pool) => {
      await new Reader(pool, watch).results.next();
    });
    return { ended, closed: watch.closed };
  },
  settles: () => settleForgotten({ workers: 1 }),
  settlesInline: () => settleForgotten({ workers: 0 }),
  next: () => nextOfForgotten(LASTING),
  nextWithTimeout: () => nextOfForgotten(LASTING, MAX_WAIT),
  nextInline: () => nextOfForgotten({ workers: 0 }),
  loop: () => loopOverForgotten(LASTING),
  loopInline: () => loopOverForgotten({ workers: 0 }),
  returnInline: () => returnForgotten({ workers: 0 }),
  ready: async () => {
    const up = new Pool({ workers: 1 }).ready().then(() => "ready");
    await collect(20);
    return await up;
  },
  held: async () => {
    const watch = { closed: 0 };
    const pool = new Pool({ workers: 1 });
    const results = pool.imap(tasks.square, endless(3, watch), { bufferSize: 2 });
    await collect(30);
    const seen: unknown[] = [pool.state, watch.closed, await pool.apply(tasks.square, [4])];
    seen.push((await results.next()).value);
    await pool.terminate();
    return seen;
  },
};

const name = process.argv.at(-1) ?? "";
const program = programs[name];
if (program === undefined) throw new RangeError(`Cannot run a program of this name: ${name}`);
console.log(JSON.stringify(await program()));
