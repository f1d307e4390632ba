/**
 * Replays the recorded answers of CPython's Pool; generate.py recorded them.
 *
 * Where a record says how polypool `differs`, the answer that polypool gives
 * instead stands here.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { evenChunkSize } from "../../core/pool/functions.ts";
import {
  type AsyncOptions,
  type AsyncResult,
  fromModule,
  Pool,
  type PoolOptions,
  type ResultIterator,
} from "../../mod.ts";
import cases from "./cases.json" with { type: "json" };
import {
  errorOf,
  pythonName,
  pythonState,
  settled,
  shown,
  stateErrorName,
  thrownBy,
  trail,
} from "./python_words.ts";
import { marked, marks, range, until, withPool } from "./steering.ts";
import type { Step } from "./tasks.ts";

const tasks = fromModule<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url));

interface Chunking {
  chunkSize?: number;
}

/** Gives no option at all where Python was left to choose. */
function chunking(chunkSize: number | null): Chunking {
  return chunkSize === null ? {} : { chunkSize };
}

/** Finds a recorded word in one of the tables below. */
function named<T>(table: Readonly<Record<string, T>>, name: string): T {
  const entry = table[name];
  if (entry === undefined) throw new Error(`Cannot replay ${name} as nobody wrote how`);
  return entry;
}

function bySize(chunkSize: number | null): string {
  return chunkSize === null ? "by default" : `by ${chunkSize}`;
}

async function collect<T>(results: ResultIterator<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

// Chunks.

for (const { workers, sizes } of cases.chunkSizes.rows) {
  test(`evenChunkSize() cuts inputs of any length for ${workers} workers as CPython does`, () => {
    const { lengths } = cases.chunkSizes;
    assert.deepEqual(lengths.map((length) => evenChunkSize(length, workers)), sizes);
  });
}

for (const { length, chunkSize, chunks } of cases.chunks) {
  test(`map() sends ${length} tasks by ${chunkSize} in CPython's chunks`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const seen: number[] = [];
      let before = 0;
      const onProgress = ({ done }: { done: number }) => {
        seen.push(done - before);
        before = done;
      };
      await pool.map(tasks.square, range(length), { chunkSize, onProgress });
      assert.deepEqual(seen, chunks);
    }));
}

// Results.

type Bulk = (pool: Pool, length: number, options: Chunking) => Promise<number[]>;

const BULK: Readonly<Record<string, Bulk>> = {
  map: (pool, length, options) => pool.map(tasks.square, range(length), options),
  starmap: (pool, length, options) => pool.starmap(tasks.add, pairs(length), options),
  imap: (pool, length, options) => collect(pool.imap(tasks.square, range(length), options)),
  imap_unordered: async (pool, length, options) => {
    const values = await collect(pool.imapUnordered(tasks.square, range(length), options));
    return values.sort((a, b) => a - b);
  },
};

function pairs(length: number): [left: number, right: number][] {
  return range(length).map((index) => [index, 10 * index]);
}

for (const { method, length, chunkSize, values } of cases.results) {
  test(`${method} of ${length} tasks ${bySize(chunkSize)} gives CPython's values`, () =>
    withPool({ workers: 2 }, async (pool) => {
      assert.deepEqual(await named(BULK, method)(pool, length, chunking(chunkSize)), values);
    }));
}

// Errors of tasks and of inputs.

type FailingMap = (pool: Pool, steps: Iterable<Step>, options: Chunking) => Promise<number[]>;

const FAILING_MAPS: Readonly<Record<string, FailingMap>> = {
  map: (pool, steps, options) => pool.map(tasks.runOrFailOne, steps, options),
  starmap: (pool, steps, options) =>
    pool.starmap(tasks.runOrFail, Array.from(steps, (step) => [...step]), options),
};

type FailingImap = (
  pool: Pool,
  steps: Iterable<Step>,
  options: Chunking,
) => ResultIterator<number>;

const FAILING_IMAPS: Readonly<Record<string, FailingImap>> = {
  imap: (pool, steps, options) => pool.imap(tasks.runOrFailOne, steps, options),
  imap_unordered: (pool, steps, options) => pool.imapUnordered(tasks.runOrFailOne, steps, options),
};

function steps(length: number, failing: number[], ran: Int32Array): Step[] {
  return range(length).map((index) => [index, failing.includes(index), ran]);
}

function* stoppingInput(stop: number, ran: Int32Array): Generator<Step> {
  yield* steps(stop, [], ran);
  throw new RangeError(`input stops at ${stop}`);
}

for (const { method, length, chunkSize, failing, error, ran } of cases.mapErrors) {
  const title = `${method} of ${length} tasks by ${chunkSize} in which ${failing} fail`;
  test(`${title} runs what CPython runs and gives its error`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const seen = marks();
      const call = named(FAILING_MAPS, method)(pool, steps(length, failing, seen), { chunkSize });
      assert.equal(await errorOf(call), error);
      assert.deepEqual(marked(seen), ran);
    }));
}

/** Each error in its place, and then the end for good. */
function stepsInPlace(length: number, failing: number[]): string[] {
  const shownSteps = range(length).map((index) =>
    failing.includes(index) ? `ValueError: item ${index}` : `${index}`
  );
  return [...shownSteps, "StopIteration", "StopIteration"];
}

for (const { method, length, chunkSize, failing, steps: recorded, differs } of cases.imapErrors) {
  const title = `${method} of ${length} tasks by ${chunkSize} in which ${failing} fail`;
  test(`${title}: ${differs ?? "steps as in CPython"}`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const input = steps(length, failing, marks());
      const seen = await trail(named(FAILING_IMAPS, method)(pool, input, { chunkSize }));
      assert.deepEqual(seen, differs === null ? recorded : stepsInPlace(length, failing));
    }));
}

for (const recorded of cases.inputErrors.filter(({ method }) => method === "map")) {
  const { chunkSize, stop, differs } = recorded;
  test(`map by ${chunkSize} of an input that raises at ${stop}: ${differs}`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const ran = marks();
      const call = pool.map(tasks.runOrFailOne, stoppingInput(stop, ran), { chunkSize });
      assert.deepEqual([await errorOf(call)], recorded.steps);
      assert.ok(marked(ran).every((index) => index < stop));
    }));
}

for (const recorded of cases.inputErrors.filter(({ method }) => method !== "map")) {
  const { method, chunkSize, stop, differs } = recorded;
  const title = `${method} by ${chunkSize} of an input that raises at ${stop}`;
  test(`${title}: ${differs ?? "steps as in CPython"}`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const ran = marks();
      const input = stoppingInput(stop, ran);
      const seen = await trail(named(FAILING_IMAPS, method)(pool, input, { chunkSize }));
      const end = [`ValueError: input stops at ${stop}`, "StopIteration", "StopIteration"];
      const all = [...range(stop).map(String), ...end];
      assert.deepEqual(seen, differs === null ? recorded.steps : all);
      assert.deepEqual(marked(ran), differs === null ? recorded.ran : range(stop));
    }));
}

// Empty inputs.

type EmptyCall = (
  pool: Pool,
  options: Chunking & AsyncOptions<number[]>,
) => AsyncResult<number[]>;

const EMPTY_CALLS: Readonly<Record<string, EmptyCall>> = {
  map_async: (pool, options) => pool.mapAsync(tasks.square, [], options),
  starmap_async: (pool, options) => pool.starmapAsync(tasks.add, [], options),
};

for (const recorded of cases.emptyInputs.filter(({ ready }) => ready !== null)) {
  const { method, chunkSize, ...answer } = recorded;
  test(`${method} of nothing ${bySize(chunkSize)} is ready at once and calls nobody back`, () =>
    withPool({ workers: 1 }, async (pool) => {
      let callbacks = 0;
      const callback = () => void callbacks++;
      const result = named(EMPTY_CALLS, method)(pool, { ...chunking(chunkSize), callback });
      // At once: promises take a few microtasks, in which no worker can answer.
      for (let turn = 0; turn < 10; turn++) await undefined;
      const early = { ready: result.ready(), successful: result.successful() };
      assert.deepEqual({ ...early, value: await result, callbacks }, answer);
    }));
}

for (
  const { method, chunkSize, value } of cases.emptyInputs.filter(({ ready }) => ready === null)
) {
  test(`${method} of nothing ${bySize(chunkSize)} gives nothing`, () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.deepEqual(await named(BULK, method)(pool, 0, chunking(chunkSize)), value);
    }));
}

// Life of the pool.

const SUBMISSIONS: Readonly<Record<string, (pool: Pool) => unknown>> = {
  apply: (pool) => pool.apply(tasks.square, [1]),
  apply_async: (pool) => pool.applyAsync(tasks.square, [1]),
  map: (pool) => pool.map(tasks.square, [1]),
  map_async: (pool) => pool.mapAsync(tasks.square, [1]),
  starmap: (pool) => pool.starmap(tasks.add, [[1, 2]]),
  starmap_async: (pool) => pool.starmapAsync(tasks.add, [[1, 2]]),
  imap: (pool) => pool.imap(tasks.square, [1]),
  imap_unordered: (pool) => pool.imapUnordered(tasks.square, [1]),
  "map of nothing": (pool) => pool.map(tasks.square, []),
};

const ENDS: Readonly<Record<string, (pool: Pool) => unknown>> = {
  close: (pool) => pool.close(),
  terminate: (pool) => pool.terminate(),
  join: (pool) => pool.join(),
};

/** "None", or the name of the error: thrown at once by a submission, by any way else. */
async function answerTo(pool: Pool, name: string): Promise<string> {
  const submit = SUBMISSIONS[name];
  if (submit !== undefined) return thrownBy(() => submit(pool), stateErrorName);
  try {
    await named(ENDS, name)(pool);
    return "None";
  } catch (error) {
    return stateErrorName(error);
  }
}

for (const { calls, answers, state } of cases.lifecycle) {
  test(`a pool after ${calls.join(", ") || "nothing"} answers and ends up as in CPython`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const seen: string[] = [];
      for (const name of calls) seen.push(await answerTo(pool, name));
      assert.deepEqual(seen, answers);
      assert.equal(pythonState(pool.state), state);
    }));
}

// Life of the workers.

/** The tasks of each worker, workers in the order of their first task. */
function shares(seen: (readonly [index: number, worker: string])[]): number[][] {
  const byWorker = Map.groupBy(seen, ([, worker]) => worker);
  return [...byWorker.values()].map((share) => share.map(([index]) => index));
}

function sharesOf(size: number, length: number): number[][] {
  const count = Math.ceil(length / size);
  return range(count).map((n) => range(length).slice(n * size, (n + 1) * size));
}

for (const recorded of cases.lifetimes) {
  const { workers, tasks: length, chunkSize, maxTasks, differs } = recorded;
  const title = `${length} tasks by ${chunkSize} on ${workers} workers of ${maxTasks} tasks each`;
  test(`${title}: ${differs ?? "the same shares as in CPython"}`, () =>
    withPool({ workers, maxTasksPerWorker: maxTasks }, async (pool) => {
      const seen = shares(await pool.map(tasks.taskAndWorker, range(length), { chunkSize }));
      assert.deepEqual(seen, differs === null ? recorded.shares : sharesOf(maxTasks, length));
    }));
}

// Bad arguments.

/** Answers of polypool where they differ, by `${where} ${argument} ${value}`. */
const ARGUMENT_ANSWERS: Readonly<Record<string, string>> = {
  "Pool processes 0": "None",
  "Pool processes 1.5": "ValueError",
  "Pool processes true": "TypeError",
  "Pool maxtasksperchild 12": "TypeError",
  "map chunksize 0": "ValueError",
  "map chunksize -1": "ValueError",
};

const OPTION_NAMES: Readonly<Record<string, string>> = {
  initializer: "initializer",
  maxtasksperchild: "maxTasksPerWorker",
  processes: "workers",
};

const CHUNKED_CALLS: Readonly<Record<string, (pool: Pool, options: Chunking) => unknown>> = {
  map: (pool, options) => pool.map(tasks.square, [1, 2], options),
  imap: (pool, options) => pool.imap(tasks.square, [1, 2], options),
  imap_unordered: (pool, options) => pool.imapUnordered(tasks.square, [1, 2], options),
};

/** Tries one option of the constructor, which may be of any type. */
function makePool(argument: string, value: unknown): unknown {
  // The types refuse most of these values; a caller in JavaScript has no types.
  const options = { [named(OPTION_NAMES, argument)]: value } as PoolOptions;
  return new Pool(options).terminate();
}

for (const { where, argument, value, answer, differs } of cases.badArguments) {
  const name = `${where} ${argument} ${value}`;
  test(`${where}(${argument}: ${JSON.stringify(value)}): ${differs ?? "as in CPython"}`, () =>
    withPool({ workers: 1 }, (pool) => {
      const call = where === "Pool"
        ? () => makePool(argument, value)
        : () => named(CHUNKED_CALLS, where)(pool, { chunkSize: Number(value) });
      const expected = differs === null ? answer : named(ARGUMENT_ANSWERS, name);
      assert.equal(thrownBy(call, pythonName), expected);
      return Promise.resolve();
    }));
}

// Facts.

interface Replay {
  /** Asks polypool what Python was asked. */
  answer(): Promise<unknown>;
  /** What polypool answers where it differs. */
  readonly instead?: unknown;
}

const ORDER: Readonly<Record<string, Replay>> = {
  "imap() gives input order when a later task ends first": {
    answer: () =>
      withPool({ workers: 2 }, (pool, gate) => {
        const items = range(4).map((index) => [index, gate.cells] as const);
        return collect(pool.imap(tasks.firstWaitsForSecond, items, { chunkSize: 1 }));
      }),
  },
  "imap_unordered() gives what has ended while the first task waits": {
    answer: () => unordered(4, 1),
  },
  "imap_unordered() in chunks of 2 gives the other chunks while the first one waits": {
    instead: { waited: true, all: range(6) },
    answer: async () => {
      const seen = await unordered(6, 2);
      return { waited: seen.indexOf(0) >= 4, all: seen.toSorted((a, b) => a - b) };
    },
  },
  "next() that times out leaves the iterator usable": {
    answer: () =>
      withPool({ workers: 1 }, async (pool, gate) => {
        const items = [[7, gate.cells], [8, gate.cells]] as const;
        const results = pool.imap(tasks.waitAtGateOne, items, { chunkSize: 1 });
        const early = await settled(results.next(10));
        gate.open();
        return [early, (await results.next()).value, (await results.next()).value];
      }),
  },
};

/** Opens the gate of the first chunk when all the others are here. */
function unordered(length: number, chunkSize: number): Promise<number[]> {
  return withPool({ workers: 2 }, async (pool, gate) => {
    const items = range(length).map((index) => [index, gate.cells] as const);
    const results = pool.imapUnordered(tasks.firstWaits, items, { chunkSize });
    const early: number[] = [];
    while (early.length < length - chunkSize) {
      const { done, value } = await results.next();
      if (done) throw new Error(`Cannot go on as the iterator has ended after ${early}`);
      early.push(value);
    }
    gate.open();
    return [...early, ...await collect(results)];
  });
}

const MAP_FAILURES: Readonly<Record<string, Replay>> = {
  "map() fails with the first error to arrive, not with the first in the input": {
    answer: () =>
      withPool({ workers: 2 }, (pool, gate) => {
        const items = range(2).map((index) => [index, gate.cells] as const);
        const options = { chunkSize: 1, onProgress: () => gate.open() };
        return errorOf(pool.map(tasks.firstFailsLast, items, options));
      }),
  },
  "map() that fails is ready only when every chunk has ended": {
    answer: () =>
      withPool({ workers: 2 }, async (pool, gate) => {
        const failed = Promise.withResolvers<void>();
        const items = range(2).map((index) => [index, gate.cells] as const);
        const options = { chunkSize: 1, onProgress: () => failed.resolve() };
        const result = pool.mapAsync(tasks.failOrWait, items, options);
        await failed.promise;
        const early = result.ready();
        gate.open();
        return [early, await errorOf(result.get())];
      }),
  },
};

type Submit = (pool: Pool, options: AsyncOptions<unknown>) => AsyncResult<unknown>;

/** Which callbacks ran, with what, and whether ready() was true in them. */
function callbacks(submit: Submit): Promise<unknown> {
  return withPool({ workers: 1 }, async (pool) => {
    const seen: unknown[] = [];
    const result: AsyncResult<unknown> = submit(pool, {
      callback: (value) => void seen.push(["callback", value, result.ready()]),
      errorCallback: (error) => void seen.push(["error_callback", shown(error), result.ready()]),
    });
    await result.wait();
    return { seen: [...seen], ready: result.ready() };
  });
}

const CALLBACKS: Readonly<Record<string, Replay>> = {
  "apply_async() that succeeds runs callback once, before it is ready": {
    answer: () => callbacks((pool, options) => pool.applyAsync(tasks.square, [7], options)),
  },
  "apply_async() that fails runs error_callback once, before it is ready": {
    answer: () =>
      callbacks((pool, options) => pool.applyAsync(tasks.runOrFail, [0, true, marks()], options)),
  },
  "map_async() that succeeds runs callback once, with the whole list": {
    answer: () =>
      callbacks((pool, options) =>
        pool.mapAsync(tasks.square, range(5), { ...options, chunkSize: 2 })
      ),
  },
  "map_async() in which three chunks fail runs error_callback once": {
    answer: () =>
      callbacks((pool, options) => {
        const input = steps(3, [0, 1, 2], marks());
        return pool.mapAsync(tasks.runOrFailOne, input, { ...options, chunkSize: 1 });
      }),
  },
};

const RESULTS: Readonly<Record<string, Replay>> = {
  "get() that times out leaves the job running, and later calls give its value": {
    answer: () =>
      withPool({ workers: 1 }, async (pool, gate) => {
        const result = pool.applyAsync(tasks.waitAtGate, [7, gate.cells]);
        const early = [await settled(result.get(0)), await settled(result.get(10))];
        gate.open();
        return [...early, await result.get(), await result.get()];
      }),
  },
  "wait() gives nothing and raises nothing, ready or not, failed or not": {
    answer: () =>
      withPool({ workers: 1 }, async (pool, gate) => {
        const result = pool.applyAsync(tasks.waitAtGate, [7, gate.cells]);
        const early: unknown[] = [await result.wait(10), result.ready()];
        gate.open();
        const failed = pool.applyAsync(tasks.runOrFail, [0, true, marks()]);
        const late: unknown[] = [await failed.wait(), failed.ready()];
        // Nothing is None in Python, and null in what was recorded.
        return [...early, ...late].map((answer) => answer ?? null);
      }),
  },
  "successful() raises before the result is ready, and tells how it ended after": {
    answer: () =>
      withPool({ workers: 1 }, async (pool, gate) => {
        const result = pool.applyAsync(tasks.waitAtGate, [7, gate.cells]);
        const early = thrownBy(() => result.successful(), stateErrorName);
        gate.open();
        const failed = pool.applyAsync(tasks.runOrFail, [0, true, marks()]);
        await failed.wait();
        return [early, result.successful(), failed.successful()];
      }),
  },
};

const LIFE: Readonly<Record<string, Replay>> = {
  "close() lets everything queued run, and results are there after join()": {
    answer: () =>
      withPool({ workers: 1 }, async (pool, gate) => {
        const many = range(4).map((n) => pool.applyAsync(tasks.waitAtGate, [n, gate.cells]));
        pool.close();
        gate.open();
        await pool.join();
        return await Promise.all(many.map((result) => result.get()));
      }),
  },
  "a pool used as a context manager is terminated at the end of its block": {
    answer: async () => {
      const pool = new Pool({ workers: 1 });
      const value = await pool.apply(tasks.square, [7]);
      // What `await using` calls; Node 22 does not know the keyword.
      await pool[Symbol.asyncDispose]();
      const late = thrownBy(() => pool.mapAsync(tasks.square, [1]), stateErrorName);
      return [value, pythonState(pool.state), late];
    },
  },
  "a result that terminate() finds unfinished never becomes ready": {
    instead: ["PoolTerminatedError", "PoolTerminatedError"],
    answer: () =>
      withPool({ workers: 1 }, async (pool, gate) => {
        const many = [7, 8].map((n) => pool.applyAsync(tasks.waitAtGate, [n, gate.cells]));
        await until(() => gate.arrivals === 1);
        await pool.terminate();
        return await Promise.all(many.map((result) => settled(result)));
      }),
  },
  "a task whose worker ends never settles, and the next one runs": {
    instead: ["WorkerLostError", 49],
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const lost = await settled(pool.apply(tasks.exitWorker));
        return [lost, await pool.apply(tasks.square, [7])];
      }),
  },
};

const INITIALIZERS: Readonly<Record<string, Replay>> = {
  "initializer runs once in each worker before its first task": {
    answer: () =>
      withPool(
        { workers: 2, initializer: tasks.initialize, initArgs: ["north"] },
        async (pool, gate) => {
          const items = range(2).map((index) => [index, gate.cells] as const);
          return marksByWorker(await pool.map(tasks.meetAndTell, items, { chunkSize: 1 }));
        },
      ),
  },
  "initializer runs again in each replacement": {
    answer: () => {
      const initializer = { initializer: tasks.initialize, initArgs: ["north"] };
      return withPool(
        { workers: 1, maxTasksPerWorker: 2, ...initializer },
        async (pool) =>
          marksByWorker(await pool.map(tasks.initialized, range(6), { chunkSize: 1 })),
      );
    },
  },
  "an initializer that fails is started again for ever": {
    instead: ["InitializerError", "broken"],
    answer: () =>
      withPool({ workers: 1, initializer: tasks.failToInitialize }, async (pool) => {
        const error = await settled(pool.applyAsync(tasks.square, [7]));
        return [error, pythonState(pool.state)];
      }),
  },
};

/** What the initializer had left in each worker, one entry for each worker. */
function marksByWorker(seen: (readonly [number, string, string[]])[]): string[][] {
  return [...new Map(seen.map(([, worker, found]) => [worker, found])).values()];
}

const UNSENDABLE: Readonly<Record<string, Replay>> = {
  "an argument that cannot be sent fails its own job, and the pool stays usable": {
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const first = await settled(pool.applyAsync(tasks.echo, [() => 1]));
        const second = await settled(pool.applyAsync(tasks.echo, [() => 1]));
        return [first, second, await pool.apply(tasks.square, [7])];
      }),
  },
  "a result that cannot be sent fails its own job, and the worker lives on": {
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const before = await pool.apply(tasks.workerId);
        const calls = range(3).map(() => pool.applyAsync(tasks.returnFunction));
        const errors = await Promise.all(calls.map((result) => settled(result)));
        return [...errors, before === await pool.apply(tasks.workerId)];
      }),
  },
  "an error that cannot be rebuilt from its arguments stops all results": {
    instead: ["TwoPartError: crack at hull", 49],
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const error = await errorOf(pool.applyAsync(tasks.failInTwoParts));
        return [error, await pool.apply(tasks.square, [7])];
      }),
  },
  "a callback that raises stops all results": {
    instead: ["ValueError: from the callback", 49],
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const callback = () => {
          throw new RangeError("from the callback");
        };
        const error = await errorOf(pool.applyAsync(tasks.square, [7], { callback }));
        return [error, await pool.apply(tasks.square, [7])];
      }),
  },
};

/** Counts for ever, and tells when it was stopped. */
function endless(): { input: Iterable<number>; isClosed(): boolean } {
  let closed = false;
  function* count(): Generator<number> {
    try {
      for (let n = 0;; n++) yield n;
    } finally {
      closed = true;
    }
  }
  return { input: count(), isClosed: () => closed };
}

const LAZINESS: Readonly<Record<string, Replay>> = {
  "map() with a chunk size of 0 gives None for each item and runs nothing": {
    instead: ["ValueError", []],
    answer: () =>
      withPool({ workers: 1 }, (pool) => {
        const ran = marks();
        const call = () => pool.map(tasks.runOrFailOne, steps(3, [], ran), { chunkSize: 0 });
        return Promise.resolve([thrownBy(call, pythonName), marked(ran)]);
      }),
  },
  "imap() without a buffer size reads its whole input before the first next()": {
    instead: [[0, 1, 4], true],
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const { input, isClosed } = endless();
        const values: number[] = [];
        for await (const value of pool.imap(tasks.square, input)) {
          if (values.push(value) === 3) break;
        }
        return [values, isClosed()];
      }),
  },
  "imap() in chunks of 2 has no next(timeout)": {
    instead: [0, 1],
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const results = pool.imap(tasks.square, range(4), { chunkSize: 2 });
        return [(await results.next(30_000)).value, (await results.next(30_000)).value];
      }),
  },
  "an abandoned imap() still runs all its tasks": {
    instead: true,
    answer: () =>
      withPool({ workers: 1 }, async (pool) => {
        const ran = marks();
        const input = steps(20, [], ran);
        for await (const _ of pool.imap(tasks.runOrFailOne, input, { bufferSize: 2 })) break;
        await pool.apply(tasks.square, [1]);
        // One was taken, and two may have been on their way.
        return marked(ran).length <= 3;
      }),
  },
};

const REPLAYS: Readonly<Record<string, Replay>> = {
  ...ORDER,
  ...MAP_FAILURES,
  ...CALLBACKS,
  ...RESULTS,
  ...LIFE,
  ...INITIALIZERS,
  ...UNSENDABLE,
  ...LAZINESS,
};

for (const { name, answer, differs } of cases.facts) {
  const title = differs === null ? name : `unlike CPython, where ${name}: ${differs}`;
  test(title, async () => {
    const replay = named(REPLAYS, name);
    assert.equal("instead" in replay, differs !== null, "only a difference has its own answer");
    assert.deepEqual(await replay.answer(), differs === null ? answer : replay.instead);
  });
}

test("every replay has a recorded fact", () => {
  assert.deepEqual(Object.keys(REPLAYS).sort(), cases.facts.map(({ name }) => name).sort());
});
