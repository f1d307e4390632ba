/**
 * One table of what a pool does, run on a worker and on the calling thread
 * (`workers: 0`): the semantics are the same.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  currentTask,
  fromModule,
  InitializerError,
  isPoolWorker,
  type Pool,
  type PoolOptions,
  PoolStateError,
  PoolTerminatedError,
  QueueFullError,
  SerializationError,
  TaskNotFoundError,
  TimeoutError,
} from "../../mod.ts";
import { makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import type { Counter } from "../fixtures/tasks/tasks.ts";
import { until } from "../fixtures/until.ts";
import { WatchedInput } from "../fixtures/watched_input.ts";
import { withPool } from "../fixtures/with_pool.ts";

const url = new URL("../fixtures/tasks/tasks.ts", import.meta.url);
const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(url);

interface Behaviour {
  readonly options?: PoolOptions;
  readonly test: (pool: Pool) => Promise<void>;
}

function makeCounter(): Counter {
  return new Int32Array(new SharedArrayBuffer(8));
}

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

function numbers(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}

const TABLE: Readonly<Record<string, Behaviour>> = {
  "every method gives its values": {
    test: async (pool) => {
      const pairs: [number, number][] = [[1, 2], [3, 4]];
      assert.equal(await pool.apply(tasks.add, [1, 2]), 3);
      assert.equal(await pool.applyAsync(tasks.squareLater, [3]), 9);
      assert.deepEqual(await pool.map(tasks.square, [1, 2, 3]), [1, 4, 9]);
      assert.deepEqual(await pool.mapAsync(tasks.square, [1, 2, 3]), [1, 4, 9]);
      assert.deepEqual(await pool.starmap(tasks.add, pairs), [3, 7]);
      assert.deepEqual(await collect(pool.imap(tasks.square, [1, 2, 3])), [1, 4, 9]);
      assert.deepEqual(await collect(pool.istarmap(tasks.add, pairs)), [3, 7]);
      const unordered = await collect(pool.imapUnordered(tasks.square, [1, 2, 3]));
      assert.deepEqual(new Set(unordered), new Set([1, 4, 9]));
      await pool.ready();
    },
  },
  "all forms of functions run": {
    test: async (pool) => {
      assert.equal(await pool.apply(tasks.default, [1]), 2);
      assert.equal(await pool.apply(tasks.shown, [1]), 1001);
      assert.deepEqual(await pool.map((n) => n + 1, [1, 2]), [2, 3]);
      assert.throws(() => pool.apply(Math.random), TypeError);
    },
  },
  "an inline function does not see what is around it": {
    test: async (pool) => {
      const outside = { n: 1 };
      const error = await pool.apply((n: number) => n + outside.n, [1]).catch((error) => error);
      assert.ok(error instanceof ReferenceError);
      assert.match(error.message, /inline function/);
    },
  },
  "a name that is not there fails with TaskNotFoundError": {
    test: async (pool) => {
      const { nowhere } = fromModule<{ nowhere(): void }>(url);
      await assert.rejects(pool.apply(nowhere), TaskNotFoundError);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    },
  },
  "arguments and results are clones": {
    test: async (pool) => {
      const value = { list: [1, 2], map: new Map([["k", 1n]]) };
      const copy = await pool.apply(tasks.echo, [value]);
      assert.deepEqual(copy, value);
      assert.notEqual(copy, value);
    },
  },
  "a task cannot change its caller's arguments": {
    test: async (pool) => {
      const list = [1];
      assert.equal(await pool.apply((mine: number[]) => mine.push(2, 3), [list]), 3);
      assert.deepEqual(list, [1]);
    },
  },
  "arguments are cloned before the caller goes on after sending": {
    test: async (pool) => {
      await pool.apply(tasks.square, [1]);
      const gate = makeGate();
      const item = { gate, n: 1 };
      const call = pool.apply(tasks.holdLater, [item]);
      await until(() => Atomics.load(gate, 1) === 1);
      item.n = 2;
      open(gate);
      assert.equal(await call, 1);
    },
  },
  "errors are encoded and rebuilt": {
    test: async (pool) => {
      const range = await pool.apply(tasks.failOdd, [1]).catch((error) => error);
      assert.ok(range instanceof RangeError);
      assert.match(range.stack ?? "", /failOdd[\s\S]*inline_test/);
      const own = await pool.apply(tasks.throwOwnClass, [5]).catch((error) => error);
      assert.deepEqual([own.name, own.message, own.n], ["OddError", "odd: 5", 5]);
      assert.equal(Object.getPrototypeOf(own), Error.prototype);
      const chain = await pool.apply(tasks.throwWithCauses).catch((error) => error);
      assert.ok(chain.cause instanceof AggregateError);
      assert.ok(chain.cause.errors[0] instanceof SyntaxError);
      const partly = await pool.apply(tasks.throwUnclonable).catch((error) => error);
      assert.deepEqual(partly.fine, [1, 2]);
      assert.equal(typeof partly.open, "string");
      assert.equal(await pool.apply(tasks.throwValue, [7]).catch((error) => error), 7);
    },
  },
  "what cannot be cloned fails its own task": {
    test: async (pool) => {
      await assert.rejects(pool.apply(tasks.echo, [() => 1]), { name: "DataCloneError" });
      await assert.rejects(pool.apply(tasks.returnUnclonable), SerializationError);
      const settled = await pool.mapSettled(tasks.echo, [1, () => 1, 3], { chunkSize: 3 });
      assert.deepEqual(settled.map((it) => it.status), ["fulfilled", "rejected", "fulfilled"]);
    },
  },
  "transferred arguments are gone here, moved results are gone there": {
    test: async (pool) => {
      const bytes = new Uint8Array(10);
      const options = { transfer: [bytes.buffer] };
      assert.equal(await pool.apply(tasks.bytesIn, [bytes], options), 10);
      assert.equal(bytes.length, 0);
      const items = [new Uint8Array(3), new Uint8Array(4)];
      const transfer = (item: Uint8Array<ArrayBuffer>) => [item.buffer];
      assert.deepEqual(await pool.map(tasks.bytesIn, items, { transfer }), [3, 4]);
      assert.deepEqual(items.map((item) => item.length), [0, 0]);
      assert.equal((await pool.apply(tasks.moveOut, [100])).length, 100);
      assert.equal((await pool.apply(tasks.keptLengths)).at(-1), 0);
      assert.equal((await pool.apply(tasks.copyOut, [100])).length, 100);
      assert.equal((await pool.apply(tasks.keptLengths)).at(-1), 100);
    },
  },
  "an error skips the rest of its chunk of a map only": {
    test: async (pool) => {
      const counter = makeCounter();
      const items = [0, 1, 2, 4, 6, 8].map((n) => ({ counter, n }));
      const values = pool.map(tasks.failOddCounted, items, { chunkSize: 3 });
      await assert.rejects(values, { message: "odd: 1" });
      assert.equal(counter[0], 5);
    },
  },
  "failFast ends a map at its first error": {
    test: async (pool) => {
      const gate = makeGate();
      const items = [{ n: 1 }, ...numbers(100).map((n) => ({ gate, n }))];
      const values = pool.map(tasks.failOddHeld, items, { chunkSize: 1, failFast: true });
      await assert.rejects(values, { message: "odd: 1" });
      open(gate);
      await until(() => pool.stats().busy === 0);
      assert.ok(Atomics.load(gate, 1) <= 4, `${gate[1]} ran`);
    },
  },
  "imap yields errors in their places at any chunk size": {
    test: async (pool) => {
      for (const chunkSize of [1, 2, 5]) {
        const results = pool.imap(tasks.failOdd, numbers(5), { chunkSize });
        const seen: unknown[] = [];
        for (const _ of numbers(5)) {
          seen.push(await results.next().then(({ value }) => value, (error) => error.message));
        }
        assert.deepEqual(seen, [0, "odd: 1", 2, "odd: 3", 4]);
        assert.equal((await results.next()).done, true);
      }
    },
  },
  "imap of an endless input reads no further than its buffer, and closes it": {
    test: async (pool) => {
      const input = new WatchedInput();
      const results = pool.imap(tasks.square, input.sync, { bufferSize: 5, chunkSize: 3 });
      await until(() => input.pulled === 5);
      await settleDown();
      assert.equal(input.pulled, 5);
      for await (const value of results) if (value === 100) break;
      assert.equal(input.returned, 1);
    },
  },
  "next(timeoutMs) times out and stays usable": {
    test: async (pool) => {
      const gate = makeGate();
      const results = pool.imap(tasks.holdLater, [{ gate, n: 1 }]);
      await assert.rejects(results.next(5), TimeoutError);
      open(gate);
      assert.deepEqual(await results.next(), { done: false, value: 1 });
    },
  },
  "timeout rejects with TimeoutError, and the pool stays usable": {
    test: async (pool) => {
      const call = pool.apply(tasks.untilAborted, [makeCounter()], { timeout: 20 });
      await assert.rejects(call, TimeoutError);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    },
  },
  "taskTimeout is the default timeout": {
    options: { taskTimeout: 20 },
    test: async (pool) => {
      await assert.rejects(pool.apply(tasks.untilAborted, [makeCounter()]), TimeoutError);
      const patient = await pool.map(tasks.squareLater, [2], { timeout: Infinity });
      assert.deepEqual(patient, [4]);
    },
  },
  "abort() reaches the running task's signal, and the pool stays usable": {
    options: { abortGrace: 10_000 },
    test: async (pool) => {
      const counter = makeCounter();
      const call = pool.applyAsync(tasks.untilAborted, [counter]);
      await until(() => counter[0] === 1);
      call.abort(new EvalError("enough"));
      await assert.rejects(call, EvalError);
      await until(() => counter[1] === 1);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    },
  },
  "abort() without grace ends the promise at once, and the pool stays usable": {
    test: async (pool) => {
      const counter = makeCounter();
      const controller = new AbortController();
      const call = pool.apply(tasks.untilAborted, [counter], { signal: controller.signal });
      await until(() => counter[0] === 1);
      controller.abort(new EvalError("enough"));
      await assert.rejects(call, EvalError);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    },
  },
  "a signal that aborted before ends the call before it starts": {
    test: async (pool) => {
      const counter = makeCounter();
      const signal = AbortSignal.abort(new EvalError("too late"));
      await assert.rejects(pool.apply(tasks.takeNumber, [counter], { signal }), EvalError);
      await settleDown();
      assert.equal(counter[0], 0);
    },
  },
  "reports and progress arrive": {
    test: async (pool) => {
      const log: unknown[] = [];
      await pool.map(tasks.reportTwice, [5, 6], {
        chunkSize: 1,
        onReport: (value, index) => log.push([index, value]),
        onProgress: ({ done, total }) => log.push(`${done} of ${total}`),
      });
      const reports = log.filter(Array.isArray);
      assert.deepEqual(new Set(reports.map(String)), new Set(["0,5", "0,-5", "1,6", "1,-6"]));
      assert.deepEqual(log.filter((it) => !Array.isArray(it)), ["1 of 2", "2 of 2"]);
    },
  },
  "a report that cannot be cloned throws in the task": {
    test: async (pool) => assert.equal(await pool.apply(tasks.reportUnclonable), "DataCloneError"),
  },
  "currentTask() is there in a task and not here": {
    options: { name: "crew" },
    test: async (pool) => {
      assert.match((await pool.apply(tasks.here)).workerName ?? "", /^crew/);
      assert.equal(currentTask(), undefined);
      assert.equal(isPoolWorker(), false);
    },
  },
  "callbacks run once before the result is ready": {
    test: async (pool) => {
      const log: unknown[] = [];
      const good = pool.applyAsync(tasks.square, [2], {
        callback: (value) => log.push(value, good.ready()),
      });
      const bad = pool.mapAsync(tasks.failOdd, [1], {
        errorCallback: (error) => log.push(String(error), bad.ready()),
      });
      await good.wait();
      await bad.wait();
      assert.deepEqual(log, [4, false, "RangeError: odd: 1", false]);
    },
  },
  "an initializer runs before the first task": {
    options: { initializer: tasks.setGreeting, initArgs: ["hello"] },
    test: async (pool) => assert.equal(await pool.apply(tasks.greetingHere), "hello"),
  },
  "an initializer that fails breaks the pool": {
    options: { initializer: tasks.failOdd, initArgs: [1] },
    test: async (pool) => {
      const error = await pool.apply(tasks.square, [2]).catch((error) => error);
      assert.ok(error instanceof InitializerError);
      assert.ok(error.cause instanceof RangeError);
      await assert.rejects(pool.map(tasks.square, [2]), InitializerError);
      assert.equal(pool.state, "broken");
    },
  },
  "maxQueue refuses calls": {
    options: { maxQueue: 0 },
    test: async (pool) => {
      const outcomes = await Promise.allSettled(
        numbers(4).map((n) => pool.apply(tasks.squareLater, [n])),
      );
      const last = outcomes.at(-1);
      assert.ok(last?.status === "rejected" && last.reason instanceof QueueFullError);
      assert.equal(outcomes[0]?.status, "fulfilled");
    },
  },
  "close() lets what is queued run, and join() waits for it": {
    test: async (pool) => {
      await assert.rejects(pool.join(), PoolStateError);
      const values = pool.map(tasks.squareLater, [1, 2, 3]);
      pool.close();
      assert.throws(() => pool.apply(tasks.square, [1]), PoolStateError);
      await pool.join();
      assert.deepEqual(await values, [1, 4, 9]);
    },
  },
  "terminate() rejects what is pending": {
    test: async (pool) => {
      const gate = makeGate();
      const running = pool.apply(tasks.holdLater, [{ gate, n: 1 }]);
      const waiting = pool.map(tasks.square, numbers(10));
      const rejections = Promise.all([
        assert.rejects(running, PoolTerminatedError),
        assert.rejects(waiting, PoolTerminatedError),
      ]);
      await until(() => Atomics.load(gate, 1) === 1);
      await pool.terminate();
      await rejections;
      await pool.join();
      open(gate);
    },
  },
};

for (const workers of [0, 1]) {
  describe(`a pool with workers: ${workers}`, () => {
    for (const [name, { options, test }] of Object.entries(TABLE)) {
      it(`workers: ${workers}: ${name}`, () => withPool({ ...options, workers }, test));
    }
  });
}

describe("workers: 0", () => {
  it("workers: 0 runs tasks on the calling thread, and not before the call has returned", () =>
    withPool({ workers: 0 }, async (pool) => {
      const mark = () => {
        Object.assign(globalThis, { ranHere: true });
      };
      const call = pool.apply(mark);
      assert.equal("ranHere" in globalThis, false);
      await call;
      assert.equal("ranHere" in globalThis, true);
      Reflect.deleteProperty(globalThis, "ranHere");
    }));

  it("workers: 0 gives broadcast() one place to run", () =>
    withPool({ workers: 0 }, async (pool) => {
      assert.deepEqual(await pool.broadcast(tasks.add, [1, 2]), [3]);
    }));

  it("workers: 0 lets a task that is aborted without grace see its signal abort", () =>
    withPool({ workers: 0 }, async (pool) => {
      const counter = makeCounter();
      const call = pool.applyAsync(tasks.untilAborted, [counter]);
      await until(() => counter[0] === 1);
      call.abort(new EvalError("enough"));
      await assert.rejects(call, EvalError);
      await settleDown();
      assert.equal(counter[1], 1);
    }));

  it("workers: 0 lets timers and events go on between tasks", () =>
    withPool({ workers: 0 }, async (pool) => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      await pool.map(tasks.squareLater, numbers(20), { chunkSize: 1 });
      clearInterval(timer);
      assert.ok(ticks > 0);
    }));
});
