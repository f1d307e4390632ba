/**
 * CPython's own tests of its Pool, asked of polypool.
 *
 * Each title begins with the name that the test has there; what it asserts is
 * said anew, in polypool's contract. docs/semantics.md lists those left out.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type AsyncOptions,
  fromModule,
  Pool,
  type PoolOptions,
  PoolStateError,
  PoolTerminatedError,
  type ResultIterator,
  SerializationError,
  TimeoutError,
  WorkerLostError,
} from "../../mod.ts";
import { collectGarbage } from "./garbage.ts";
import { marks, range, until, withPool } from "./steering.ts";

const tasks = fromModule<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url));

const ORDERS = ["imap", "imapUnordered"] as const;

function squares(length: number): number[] {
  return range(length).map((n) => n * n);
}

async function collect<T>(results: ResultIterator<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

function ascending(values: number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

class InputError extends Error {}

/** Counts up and raises where `stop` would come. */
function* stoppingInput(stop: number): Generator<number> {
  yield* range(stop);
  throw new InputError(`input stops at ${stop}`);
}

/** Takes results by next() until an error comes, and gives both. */
async function takeUntilError(results: ResultIterator<number>): Promise<[number[], unknown]> {
  const values: number[] = [];
  for (;;) {
    try {
      const { done, value } = await results.next();
      if (done) return [values, undefined];
      values.push(value);
    } catch (error) {
      return [values, error];
    }
  }
}

/** An input without end that counts what is read of it. */
class CountedInput {
  read = 0;

  *[Symbol.iterator](): Generator<number> {
    for (;;) yield this.read++;
  }
}

// _TestPool

test("test_apply: apply() calls a function with its arguments in a worker", () =>
  withPool({ workers: 2 }, async (pool) => {
    assert.equal(await pool.apply(tasks.square, [5]), 25);
    assert.equal(await pool.apply(tasks.add, [5, 3]), 8);
  }));

test("test_map: map() gives results in input order, with and without a chunk size", () =>
  withPool({ workers: 2 }, async (pool) => {
    assert.deepEqual(await pool.map(tasks.square, range(10)), squares(10));
    assert.deepEqual(await pool.map(tasks.square, range(100), { chunkSize: 20 }), squares(100));
  }));

test("test_starmap: starmap() spreads each item as arguments", () =>
  withPool({ workers: 2 }, async (pool) => {
    const sums = (length: number) => range(length).map((n) => n + 2 * n);
    const items = (length: number) => range(length).map((n): [number, number] => [n, 2 * n]);
    assert.deepEqual(await pool.starmap(tasks.add, items(10)), sums(10));
    assert.deepEqual(await pool.starmap(tasks.add, items(100), { chunkSize: 20 }), sums(100));
  }));

test("test_starmap_async: starmapAsync() gives what starmap() gives", () =>
  withPool({ workers: 2 }, async (pool) => {
    const items = range(100).map((n): [number, number] => [n, n]);
    const result = pool.starmapAsync(tasks.add, items);
    assert.deepEqual(await result.get(), range(100).map((n) => 2 * n));
  }));

test("test_map_async: mapAsync() gives what map() gives", () =>
  withPool({ workers: 2 }, async (pool) => {
    assert.deepEqual(await pool.mapAsync(tasks.square, range(10)).get(), squares(10));
  }));

test("test_map_async_callbacks: one callback has run once by the time wait() resolves", () =>
  withPool({ workers: 2 }, async (pool) => {
    const calls: unknown[] = [];
    const options = {
      callback: (value: unknown) => void calls.push(value),
      errorCallback: (error: unknown) => void calls.push(error),
    };
    await pool.mapAsync(tasks.square, [1], options).wait();
    assert.deepEqual(calls, [[1]]);
    await pool.mapAsync(tasks.failOrWait, [[0, new Int32Array(2)]], options).wait();
    assert.equal(calls.length, 2);
    assert.ok(calls[1] instanceof RangeError);
  }));

test("test_map_unplicklable: an argument that cannot be cloned fails map() and hangs nothing", () =>
  withPool({ workers: 2 }, async (pool) => {
    const unclonable = { name: "DataCloneError" };
    await assert.rejects(pool.map(tasks.echo, range(10).map(() => () => 1)), unclonable);
    assert.equal(await pool.apply(tasks.square, [5]), 25);
  }));

test("test_map_chunksize: map() of an empty list with a chunk size never stalls", () =>
  withPool({ workers: 2 }, async (pool) => {
    const result = pool.mapAsync(tasks.square, [], { chunkSize: 1 });
    assert.deepEqual(await result.get(30_000), []);
  }));

/** Claims three items, and has none to give. */
class LyingInput {
  readonly length = 3;
  readonly size = 3;

  [Symbol.iterator](): Iterator<number> {
    return stoppingInput(0);
  }
}

for (const method of ["map", "mapAsync"] as const) {
  test(`test_map_handle_iterable_exception: ${method}() rejects with the input's own error`, () =>
    withPool({ workers: 2 }, async (pool) => {
      // Twice each: the pool must come out of it as it was.
      for (const stop of [0, 0, 3, 3]) {
        const input = stoppingInput(stop);
        await assert.rejects(pool[method](tasks.square, input, { chunkSize: 1 }), InputError);
      }
      await assert.rejects(pool[method](tasks.square, new LyingInput()), InputError);
      await assert.rejects(pool[method](tasks.square, new LyingInput()), InputError);
      assert.deepEqual(await pool.map(tasks.square, range(10)), squares(10));
    }));
}

test("test_async: get() waits for a slow task", () =>
  withPool({ workers: 2 }, async (pool, gate) => {
    const result = pool.applyAsync(tasks.waitAtGate, [7, gate.cells]);
    const waiting = result.get();
    await until(() => gate.arrivals === 1);
    assert.equal(result.ready(), false);
    gate.open();
    assert.equal(await waiting, 7);
  }));

test("test_async_timeout: get() with a timeout rejects in time and leaves the task alone", () =>
  withPool({ workers: 2 }, async (pool, gate) => {
    const result = pool.applyAsync(tasks.waitAtGate, [7, gate.cells]);
    const start = performance.now();
    await assert.rejects(result.get(20), TimeoutError);
    assert.ok(performance.now() - start < 20_000);
    gate.open();
    assert.equal(await result.get(), 7);
  }));

test("test_imap: imap() gives results in input order, then its end again and again", () =>
  withPool({ workers: 2 }, async (pool) => {
    assert.deepEqual(await collect(pool.imap(tasks.square, range(10))), squares(10));
    const results = pool.imap(tasks.square, range(10));
    for (const value of squares(10)) {
      assert.deepEqual(await results.next(), { done: false, value });
    }
    assert.equal((await results.next()).done, true);
    assert.equal((await results.next()).done, true);
  }));

test("test_imap: imap() by 100 gives 1000 results in input order, then its end", () =>
  withPool({ workers: 2 }, async (pool) => {
    const results = pool.imap(tasks.square, range(1000), { chunkSize: 100 });
    assert.deepEqual(await collect(results), squares(1000));
    assert.equal((await results.next()).done, true);
  }));

for (const [stop, chunkSize] of [[0, 1], [3, 1], [0, 2], [3, 2], [5, 2], [0, 4], [5, 4]] as const) {
  const title = `imap() by ${chunkSize} gives the results before item ${stop} raises`;
  test(`test_imap_handle_iterable_exception: ${title}, then the error`, () =>
    withPool({ workers: 2 }, async (pool) => {
      for (let round = 0; round < 2; round++) {
        const results = pool.imap(tasks.square, stoppingInput(stop), { chunkSize });
        const [values, error] = await takeUntilError(results);
        assert.deepEqual(values, squares(stop));
        assert.ok(error instanceof InputError);
      }
    }));
}

test("test_imap_unordered: imapUnordered() gives the same results as imap() in any order", () =>
  withPool({ workers: 2 }, async (pool) => {
    const some = await collect(pool.imapUnordered(tasks.square, range(10)));
    assert.deepEqual(ascending(some), squares(10));
    const options = { chunkSize: 100 };
    const many = await collect(pool.imapUnordered(tasks.square, range(1000), options));
    assert.deepEqual(ascending(many), squares(1000));
  }));

for (const [stop, chunkSize] of [[0, 1], [3, 1], [5, 2], [5, 4]] as const) {
  const title = `imapUnordered() by ${chunkSize} gives no wrong value before item ${stop} raises`;
  test(`test_imap_unordered_handle_iterable_exception: ${title}`, () =>
    withPool({ workers: 2 }, async (pool) => {
      for (let round = 0; round < 2; round++) {
        const results = pool.imapUnordered(tasks.square, stoppingInput(stop), { chunkSize });
        const [values, error] = await takeUntilError(results);
        assert.ok(error instanceof InputError);
        assert.equal(new Set(values).size, values.length);
        assert.ok(values.every((value) => squares(stop).includes(value)));
      }
    }));
}

test("test_make_pool: a negative number of workers is refused, and 3 means 3", async () => {
  assert.throws(() => new Pool({ workers: -1 }), RangeError);
  await withPool({ workers: 3 }, async (pool) => {
    await pool.ready();
    assert.equal(pool.stats().workers, 3);
  });
});

test("test_make_pool: 0 workers, an error there, run tasks on the calling thread", () =>
  withPool({ workers: 0 }, async (pool) => {
    assert.deepEqual(await pool.map(tasks.square, range(10)), squares(10));
    const { workerId } = await import("./tasks.ts");
    assert.equal(await pool.apply(tasks.workerId), workerId());
  }));

test("test_terminate: 10 000 tasks of an hour each end with terminate() at once", () =>
  withPool({ workers: 2 }, async (pool) => {
    const tenThousand = range(10_000).map((): [] => []);
    const result = pool.starmapAsync(tasks.sleepForAnHour, tenThousand, { chunkSize: 100 });
    await until(() => pool.stats().busy > 0);
    const start = performance.now();
    await pool.terminate();
    await pool.join();
    assert.ok(performance.now() - start < 30_000);
    await assert.rejects(result.get(), PoolTerminatedError);
  }));

test("test_empty_iterable: an empty input gives an empty answer from every method", () =>
  withPool({ workers: 1 }, async (pool) => {
    assert.deepEqual(await pool.map(tasks.square, []), []);
    assert.deepEqual(await collect(pool.imap(tasks.square, [])), []);
    assert.deepEqual(await collect(pool.imapUnordered(tasks.square, [])), []);
    assert.deepEqual(await pool.mapAsync(tasks.square, []).get(), []);
  }));

test("test_context: a pool works up to its disposal and refuses work after it", async () => {
  const pool = new Pool({ workers: 2 });
  try {
    const result = pool.mapAsync(tasks.square, range(10));
    assert.deepEqual(await result.get(), squares(10));
  } finally {
    await pool[Symbol.asyncDispose]();
  }
  assert.equal(pool.state, "terminated");
  assert.throws(() => pool.mapAsync(tasks.square, range(10)), PoolStateError);
});

test("test_traceback: an error keeps its class and message, and tells where it was thrown", () =>
  withPool({ workers: 1 }, async (pool) => {
    const error = await pool.apply(tasks.failInSyntax).then(() => undefined, (error) => error);
    assert.ok(error instanceof SyntaxError);
    assert.equal(error.message, "no such word");
    assert.match(error.stack ?? "", /failInSyntax/);
    assert.match(error.stack ?? "", /tasks\.ts/);
  }));

for (const method of ["map", ...ORDERS] as const) {
  test(`test_traceback: ${method}() passes on the input's own error untouched`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const own = new InputError("mine");
      // deno-lint-ignore require-yield
      function* failing(): Generator<number> {
        throw own;
      }
      const call = method === "map"
        ? pool.map(tasks.square, failing())
        : pool[method](tasks.square, failing()).next();
      assert.equal(await call.then(() => undefined, (error: unknown) => error), own);
      assert.equal(own.cause, undefined);
    }));
}

test("test_wrapped_exception: an error of a task is caught by its class", () =>
  withPool({ workers: 1 }, async (pool) => {
    await assert.rejects(pool.apply(tasks.failInSyntax), SyntaxError);
    await assert.rejects(pool.apply(tasks.runOrFail, [0, true, marks()]), RangeError);
  }));

test("test_map_no_failfast: map() with two errors of a megabyte waits for every chunk", () =>
  withPool({ workers: 2 }, async (pool, gate) => {
    const first = Promise.withResolvers<void>();
    const options = { chunkSize: 1, onProgress: () => first.resolve() };
    const items = range(2).map((index) => [index, gate.cells] as const);
    const result = pool.mapAsync(tasks.failAtLength, items, options);
    await first.promise;
    assert.equal(result.ready(), false);
    gate.open();
    await assert.rejects(result.get(), (error: Error) => error.message.length === 1_000_000);
    pool.close();
    await pool.join();
  }));

test("test_release_task_refs: arguments and results of a finished map() can be collected", () =>
  withPool({ workers: 1 }, async (pool) => {
    const rounds: WeakRef<object>[][] = [];
    for (let round = 0; round < 10; round++) rounds.push(await mapAndForget(pool));
    await collectGarbage(rounds.flat());
    const held = rounds.filter((refs) => refs.some((ref) => ref.deref() !== undefined));
    // An engine may take a stray word on its stack for a reference; a leak would hold every round.
    assert.ok(held.length <= 1, `${held.length} of ${rounds.length} rounds are held`);
    // The same in the worker, for which each round was ten objects.
    assert.ok(await pool.apply(tasks.countHeld) <= 10);
  }));

/** A function of its own, so that no variable of the test keeps an object. */
async function mapAndForget(pool: Pool): Promise<WeakRef<object>[]> {
  const items = range(10).map((index) => ({ index }));
  const results = await pool.map(tasks.echoWeakly, items);
  return [...items, ...results].map((object) => new WeakRef(object));
}

test("test_enter: a pool that was disposed of cannot be used again, only disposed of again", () =>
  withPool({ workers: 1 }, async (pool) => {
    await pool[Symbol.asyncDispose]();
    assert.throws(() => pool.apply(tasks.square, [5]), PoolStateError);
    await pool[Symbol.asyncDispose]();
    await pool.join();
  }));

// _TestPool, added in 3.16

for (const method of ORDERS) {
  const title = `${method}() without bufferSize stops reading while nobody takes results`;
  test(`test_imap_and_imap_unordered_when_buffer_is_full: ${title}`, () =>
    withPool({ workers: 2 }, async (pool) => {
      const input = new CountedInput();
      const results = pool[method](tasks.square, input);
      await results.next();
      let before = -1;
      // Other jobs go through the pool meanwhile; reading that never stops never lets go.
      while (before !== input.read) {
        before = input.read;
        for (let n = 0; n < 5; n++) await pool.apply(tasks.square, [n]);
        await until(() => pool.stats().busy === 0);
      }
      assert.ok(input.read > 1);
      await results.return();
    }));
}

for (const method of ORDERS) {
  const title = `${method}() reads its input only bufferSize ahead of what was taken`;
  test(`test_imap_and_imap_unordered_with_buffersize_when_buffer_is_full: ${title}`, () =>
    withPool({ workers: 2 }, async (pool) => {
      const input = new CountedInput();
      const results = pool[method](tasks.square, input, { bufferSize: 3 });
      for (let taken = 0; taken < 4; taken++) {
        await until(() => input.read >= taken + 3);
        // Long enough for one more to be read, if one ever were.
        await pool.apply(tasks.square, [1]);
        assert.equal(input.read, taken + 3);
        await results.next();
      }
      await results.return();
    }));
}

for (const method of ORDERS) {
  for (const options of [{}, { bufferSize: 4 }, { bufferSize: 4, chunkSize: 2 }]) {
    const title = `${method}() with ${JSON.stringify(options)} takes an input without end`;
    test(`test_imap_and_imap_unordered_with_infinite_iterable: ${title}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const results = pool[method](tasks.square, new CountedInput(), options);
        const values: number[] = [];
        for await (const value of results) {
          if (values.push(value) === 20) break;
        }
        const valid = values.every((value) => Number.isInteger(Math.sqrt(value)));
        assert.ok(method === "imapUnordered" ? valid : values[19] === 361);
        assert.equal(new Set(values).size, 20);
        assert.equal(await pool.apply(tasks.square, [5]), 25);
      }));
  }
}

for (const method of ORDERS) {
  for (const [chunkSize, bufferSize] of [[1, 1], [1, 4], [4, 4], [4, 2], [3, 100]] as const) {
    const title = `${method}() by ${chunkSize} with bufferSize ${bufferSize} gives every result`;
    test(`test_imap_and_imap_unordered_with_buffersize_and_chunksize: ${title}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        const results = pool[method](tasks.square, range(23), { chunkSize, bufferSize });
        assert.deepEqual(ascending(await collect(results)), squares(23));
      }));
  }

  const refused = `${method}() refuses a bufferSize that is not a positive integer`;
  test(`test_imap_and_imap_unordered_with_invalid_buffersize: ${refused}`, () =>
    withPool({ workers: 2 }, (pool) => {
      for (const bufferSize of [0, -1, 1.5, NaN]) {
        assert.throws(() => pool[method](tasks.square, [1], { bufferSize }), RangeError);
      }
      return Promise.resolve();
    }));

  const closing = `${method}() that is half taken lets join() go when it is returned after close()`;
  test(`test_imap_and_imap_unordered_with_buffersize_close (gh-155477): ${closing}`, () =>
    withPool({ workers: 2 }, async (pool) => {
      const results = pool[method](tasks.square, new CountedInput(), { bufferSize: 2 });
      await results.next();
      pool.close();
      const joined = pool.join();
      await results.return();
      await joined;
    }));
}

const CALLBACK_CALLS = {
  applyAsync: (pool: Pool, fails: boolean, options: AsyncOptions<unknown>) =>
    pool.applyAsync(tasks.runOrFail, [0, fails, marks()], options),
  mapAsync: (pool: Pool, fails: boolean, options: AsyncOptions<unknown>) =>
    pool.mapAsync(tasks.runOrFailOne, [[0, fails, marks()]], options),
};

/** What callbacks may throw: an error, and what Python's BaseException is nearest to. */
const THROWN: readonly unknown[] = [new Error("from the callback"), "not even an error"];

for (const [method, submit] of Object.entries(CALLBACK_CALLS)) {
  for (const thrown of THROWN) {
    test(`test_callback_raises (gh-83371): ${method}() takes ${thrown} of callback as its error`, () =>
      withPool({ workers: 1 }, async (pool) => {
        let errorCallbacks = 0;
        const errorCallback = () => void errorCallbacks++;
        const result = submit(pool, false, { callback: () => raise(thrown), errorCallback });
        assert.equal(await result.get().then(() => "no error", (error) => error), thrown);
        assert.equal(result.successful(), false);
        assert.equal(errorCallbacks, 0);
        assert.equal(await pool.apply(tasks.square, [5]), 25);
      }));
  }

  test(`test_error_callback_raises (gh-83371): ${method}() keeps the task's error as the cause`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const thrown = new Error("from the callback");
      const result = submit(pool, true, { errorCallback: () => raise(thrown) });
      const error = await result.get().then(() => undefined, (error) => error);
      assert.equal(error.message, "from the callback");
      assert.ok(error.cause instanceof RangeError);
      assert.equal(error.cause.message, "item 0");
      assert.equal(await pool.apply(tasks.square, [5]), 25);
    }));

  const same = `${method}() whose errorCallback throws what it got rejects with just that`;
  test(`test_error_callback_reraises (gh-83371): ${same}`, () =>
    withPool({ workers: 1 }, async (pool) => {
      const result = submit(pool, true, { errorCallback: raise });
      const error = await result.get().then(() => undefined, (error) => error);
      assert.ok(error instanceof RangeError);
      assert.equal(error.cause, undefined);
    }));
}

function raise(thrown: unknown): never {
  throw thrown;
}

// _TestPoolWorkerErrors

test("test_async_error_callback: the task's error reaches get() and errorCallback", () =>
  withPool({ workers: 2 }, async (pool) => {
    const seen: unknown[] = [];
    const errorCallback = (error: unknown) => void seen.push(error);
    const result = pool.applyAsync(tasks.runOrFail, [0, true, marks()], { errorCallback });
    const error = await result.get().then(() => undefined, (error) => error);
    assert.ok(error instanceof RangeError);
    assert.deepEqual(seen, [error]);
  }));

test("test_unpickleable_result: 20 results that cannot be cloned leave the workers in health", () =>
  withPool({ workers: 2 }, async (pool) => {
    for (let round = 0; round < 20; round++) {
      const seen: unknown[] = [];
      const errorCallback = (error: unknown) => void seen.push(error);
      const result = pool.applyAsync(tasks.returnFunction, [], { errorCallback });
      await assert.rejects(result.get(), SerializationError);
      assert.ok(seen[0] instanceof SerializationError);
    }
    assert.equal(pool.stats().restarted, 0);
    assert.equal(await pool.apply(tasks.square, [5]), 25);
  }));

// _TestPoolWorkerLifetime

test("test_pool_worker_lifetime: 3 workers of 10 tasks each are replaced over 100 tasks", () =>
  withPool({ workers: 3, maxTasksPerWorker: 10 }, async (pool) => {
    const calls = range(100).map((n) => pool.applyAsync(tasks.taskAndWorker, [n]));
    const seen = await Promise.all(calls.map((result) => result.get()));
    assert.deepEqual(seen.map(([index]) => index), range(100));
    const shares = Map.groupBy(seen, ([, worker]) => worker);
    assert.ok(shares.size >= 10);
    assert.ok([...shares.values()].every((share) => share.length <= 10));
    assert.ok(pool.stats().restarted >= 7);
  }));

test("test_pool_worker_lifetime_early_close: workers are replaced after close() until all is done", () =>
  withPool({ workers: 3, maxTasksPerWorker: 1 }, async (pool, gate) => {
    const calls = range(6).map((n) => pool.applyAsync(tasks.waitAndNameWorker, [[n, gate.cells]]));
    await until(() => gate.arrivals === 3);
    pool.close();
    gate.open();
    await pool.join();
    const seen = await Promise.all(calls.map((result) => result.get()));
    assert.deepEqual(seen.map(([index]) => index), range(6));
    assert.equal(new Set(seen.map(([, worker]) => worker)).size, 6);
  }));

test("test_pool_maxtasksperchild_invalid: maxTasksPerWorker is a positive integer or refused", () => {
  for (const maxTasksPerWorker of [0, -1, 0.5, NaN]) {
    assert.throws(() => new Pool({ maxTasksPerWorker }), RangeError);
  }
  // A caller in JavaScript has no types to stop this.
  const options = { maxTasksPerWorker: "12" } as unknown as PoolOptions;
  assert.throws(() => new Pool(options), TypeError);
});

test(
  "test_worker_finalization_via_atexit_handler_of_multiprocessing: an open pool lets the process end",
  async () => {
    const program = fileURLToPath(new URL("./unclosed_pool.ts", import.meta.url));
    const before = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
    // Rejects unless the exit code is 0.
    const ended = promisify(execFile)(process.execPath, [...before, program], { timeout: 60_000 });
    assert.deepEqual(JSON.parse((await ended).stdout), [1, 4, 9]);
  },
);

// TestInitializers, TestPoolNotLeakOnFailure, TestStdinBadfiledescriptor, MiscTestCase

test("test_pool_initializer: initializer gets initArgs, and must be a function", () => {
  // A caller in JavaScript has no types to stop this.
  const options = { initializer: 1 } as unknown as PoolOptions;
  assert.throws(() => new Pool(options), TypeError);
  return withPool(
    { workers: 1, initializer: tasks.initialize, initArgs: ["north"] },
    async (pool) => {
      const [, , marks] = await pool.apply(tasks.initialized, [0]);
      assert.deepEqual(marks, ["north"]);
    },
  );
});

test("test_release_unused_processes: a pool whose workers cannot start keeps none of them", () => {
  const failure = new Error("no room for a worker");
  return withPool({ workers: 2, worker: () => raise(failure) }, async (pool) => {
    const error = await pool.ready().then(() => undefined, (error) => error);
    assert.ok(error instanceof WorkerLostError);
    assert.equal(error.cause, failure);
    assert.equal(pool.stats().workers, 0);
    assert.equal(pool.state, "broken");
  });
});

test("test_pool_in_process: a task makes a pool of its own", () =>
  withPool({ workers: 1 }, async (pool) => {
    assert.deepEqual(await pool.apply(tasks.squaresOfNestedPool, [range(7)]), squares(7));
  }));

test("test_large_pool: a pool of 32 workers starts them all and runs a task in each", () =>
  withPool({ workers: 32 }, async (pool) => {
    const workers = await pool.broadcast(tasks.workerId);
    assert.equal(new Set(workers).size, 32);
    assert.deepEqual(await pool.map(tasks.square, range(100)), squares(100));
  }));
