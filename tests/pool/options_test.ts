import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, Pool, type PoolOptions } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import type { Counter } from "../fixtures/tasks/tasks.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

/** Values that an option must refuse: of the wrong type, and out of range. */
interface Refused {
  readonly types: readonly unknown[];
  readonly ranges?: readonly unknown[];
}

const TIME: Refused = { types: ["5", null, true, 5n], ranges: [-1, NaN, -Infinity] };
const COUNT: Refused = { types: ["5", null, true, 5n], ranges: [-1, 1.5, NaN] };
const SIZE: Refused = {
  types: ["5", null, true, 5n],
  ranges: [0, -1, 1.5, NaN, Infinity, -Infinity],
};
const FUNCTION: Refused = { types: [5, null, "f", {}, []] };

const POOL: Readonly<Record<string, Refused>> = {
  workers: { ...COUNT, ranges: [-1, 1.5, NaN, Infinity] },
  minWorkers: { ...COUNT, ranges: [-1, 1.5, NaN, Infinity, 3] },
  module: { types: [5, null, {}, true] },
  worker: FUNCTION,
  initializer: FUNCTION,
  initArgs: { types: [5, null, "ab", {}, new Set()] },
  startTimeout: TIME,
  initTimeout: TIME,
  maxTasksPerWorker: { types: SIZE.types, ranges: [0, -1, 1.5, NaN, -Infinity] },
  idleTimeout: TIME,
  taskTimeout: TIME,
  abortGrace: TIME,
  maxQueue: { ...COUNT, ranges: [-1, 1.5, NaN, -Infinity] },
  name: { types: [5, null, {}] },
};

const SHARED: Readonly<Record<string, Refused>> = {
  signal: { types: [5, null, {}, new AbortController()] },
  timeout: TIME,
  priority: { types: ["5", null, true, 5n], ranges: [NaN] },
  retries: { ...COUNT, ranges: [-1, 1.5, NaN, -Infinity] },
  onReport: FUNCTION,
};

const TASK: Readonly<Record<string, Refused>> = {
  ...SHARED,
  transfer: { types: [5, null, "ab", {}, () => []] },
};

const MAP: Readonly<Record<string, Refused>> = {
  ...SHARED,
  transfer: FUNCTION,
  chunkSize: SIZE,
  failFast: { types: [0, 1, null, "true"] },
  onProgress: FUNCTION,
};

const IMAP: Readonly<Record<string, Refused>> = { ...MAP, bufferSize: SIZE };
const CALLBACKS: Readonly<Record<string, Refused>> = {
  callback: FUNCTION,
  errorCallback: FUNCTION,
};

/** A call of a method with options of any kind, as JavaScript callers may make it. */
type Call = (pool: Pool, options: never) => unknown;

const METHODS: Readonly<Record<string, readonly [options: Record<string, Refused>, call: Call]>> = {
  apply: [TASK, (pool, options) => pool.apply(tasks.square, [1], options)],
  applyAsync: [
    { ...TASK, ...CALLBACKS },
    (pool, options) => pool.applyAsync(tasks.square, [1], options),
  ],
  map: [MAP, (pool, options) => pool.map(tasks.square, [1], options)],
  mapAsync: [
    { ...MAP, ...CALLBACKS },
    (pool, options) => pool.mapAsync(tasks.square, [1], options),
  ],
  starmap: [MAP, (pool, options) => pool.starmap(tasks.add, [[1, 2]], options)],
  starmapAsync: [
    { ...MAP, ...CALLBACKS },
    (pool, options) => pool.starmapAsync(tasks.add, [[1, 2]], options),
  ],
  mapSettled: [MAP, (pool, options) => pool.mapSettled(tasks.square, [1], options)],
  imap: [IMAP, (pool, options) => pool.imap(tasks.square, [1], options)],
  imapUnordered: [IMAP, (pool, options) => pool.imapUnordered(tasks.square, [1], options)],
  istarmap: [IMAP, (pool, options) => pool.istarmap(tasks.add, [[1, 2]], options)],
  istarmapUnordered: [
    IMAP,
    (pool, options) => pool.istarmapUnordered(tasks.add, [[1, 2]], options),
  ],
};

/** Waits that a platform's timer does not take as they are. */
const LONG_WAITS = [2 ** 31, 1e15, Infinity];

function makeCounter(): Counter {
  return new Int32Array(new SharedArrayBuffer(8));
}

function shown(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : JSON.stringify(value) ?? String(value);
}

describe("options of new Pool()", () => {
  for (const [name, { types, ranges = [] }] of Object.entries(POOL)) {
    it(`${name} of the wrong type throws TypeError, out of range RangeError, at once`, () => {
      let started = 0;
      const worker = () => {
        started++;
        throw new Error("a worker was started");
      };
      const build = (value: unknown) => {
        // Any value at all, as JavaScript callers may pass it.
        new Pool({ workers: 2, minWorkers: 1, worker, [name]: value } as PoolOptions);
      };
      for (const value of types) assert.throws(() => build(value), TypeError, shown(value));
      for (const value of ranges) assert.throws(() => build(value), RangeError, shown(value));
      assert.equal(started, 0);
    });
  }

  it("options that are no object throw TypeError", () => {
    // Wrong types, as JavaScript callers may pass them.
    for (const options of [null, 5, "workers"]) {
      assert.throws(() => new Pool(options as never), TypeError);
    }
  });

  it("options may be given as undefined, which means the default", () =>
    withPool(
      // As JavaScript callers may pass it: the strict types have no such thing.
      Object.fromEntries(Object.keys(POOL).map((name) => [name, undefined])),
      async (pool) => assert.equal(await pool.apply(tasks.square, [2]), 4),
    ));

  it("options say in their message what is wrong with which", () => {
    assert.throws(() => new Pool({ workers: -3 }), /Cannot .* 'workers' .*: .*-3/);
    assert.throws(() => new Pool({ workers: 2, minWorkers: 3 }), /'minWorkers'.*3/);
  });
});

for (const [method, [options, call]] of Object.entries(METHODS)) {
  describe(`options of ${method}()`, () => {
    for (const [name, { types, ranges = [] }] of Object.entries(options)) {
      it(`${name} of ${method}() is checked at the call, before a worker starts`, () =>
        withPool({ workers: 1 }, async (pool) => {
          // Any value at all, as JavaScript callers may pass it.
          const submit = (value: unknown) => call(pool, { [name]: value } as never);
          for (const value of types) assert.throws(() => submit(value), TypeError, shown(value));
          for (const value of ranges) assert.throws(() => submit(value), RangeError, shown(value));
          await settleDown();
          assert.equal(pool.stats().workers, 0);
        }));
    }

    it(`options of ${method}() that are no object throw TypeError`, () =>
      withPool({ workers: 1 }, (pool) => {
        // Wrong types, as JavaScript callers may pass them.
        for (const value of [null, 5, "x"]) {
          assert.throws(() => call(pool, value as never), TypeError);
        }
      }));
  });
}

describe("waits", () => {
  for (const wait of LONG_WAITS) {
    it(`waits of ${wait} ms are honoured by every option of a pool`, () =>
      withPool({
        workers: 1,
        startTimeout: wait,
        initTimeout: wait,
        taskTimeout: wait,
        idleTimeout: wait,
        abortGrace: wait,
        initializer: tasks.setGreeting,
        initArgs: ["hello"],
      }, async (pool) => {
        assert.equal(await pool.apply(tasks.greetingHere), "hello");
        assert.equal(await pool.apply(tasks.squareLater, [3]), 9);
        await settleDown();
        const { workers, restarted } = pool.stats();
        assert.deepEqual({ workers, restarted }, { workers: 1, restarted: 0 });
      }));

    it(`waits of ${wait} ms are honoured by the timeout of a task`, () =>
      withPool({ workers: 1, taskTimeout: 1 }, async (pool) => {
        const gate = makeGate();
        const timeout = wait;
        const call = pool.apply(tasks.hold, [{ gate, n: 3 }], { timeout });
        await arrivals(gate, 1);
        await settleDown();
        open(gate);
        assert.equal(await call, 3);
        assert.deepEqual(await pool.map(tasks.squareLater, [3], { timeout }), [9]);
      }));

    it(`waits of ${wait} ms are honoured by abortGrace`, () =>
      withPool({ workers: 1, abortGrace: wait, idleTimeout: Infinity }, async (pool) => {
        const name = await pool.apply(tasks.nameOfWorker);
        const counter = makeCounter();
        const call = pool.applyAsync(tasks.untilAborted, [counter]);
        await until(() => counter[0] === 1);
        call.abort(new EvalError("enough"));
        await assert.rejects(call, EvalError);
        assert.equal(await pool.apply(tasks.nameOfWorker), name);
        assert.equal(counter[1], 1);
        assert.equal(pool.stats().restarted, 0);
      }));
  }
});

describe("workers and minWorkers", () => {
  it("workers is the number of the machine's processors by default", () =>
    withPool({}, async (pool) => {
      const names = await pool.broadcast(tasks.nameOfWorker);
      assert.equal(names.length, navigator.hardwareConcurrency || 1);
    }));

  it("minWorkers are started at once and kept; others end when they have been idle", () =>
    withPool({ workers: 3, minWorkers: 2, idleTimeout: 1 }, async (pool) => {
      assert.equal(pool.stats().workers, 2);
      await pool.ready();
      await until(() => pool.stats().workers === 2);
      await settleDown();
      assert.equal(pool.stats().workers, 2);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    }));

  it("idleTimeout ends an idle worker, and what tasks left in it", () =>
    withPool({ workers: 1, idleTimeout: 1 }, async (pool) => {
      assert.equal(await pool.apply(tasks.callsHere), 1);
      await until(() => pool.stats().workers === 0);
      assert.equal(await pool.apply(tasks.callsHere), 1);
      assert.equal(pool.stats().lost, 0);
    }));
});

describe("initializer and maxTasksPerWorker", () => {
  it("initializer is awaited in each worker before its first task, with initArgs", () =>
    withPool({ workers: 2, initializer: tasks.setGreeting, initArgs: ["hello"] }, async (pool) => {
      const greetings = await pool.map(tasks.greetingAt, [makeGate(), makeGate()].map(opened));
      assert.deepEqual(greetings, ["hello", "hello"]);
      assert.deepEqual(await pool.broadcast(tasks.greetingHere), ["hello", "hello"]);
    }));

  it("initializer runs in each replacement", () =>
    withPool({
      workers: 1,
      maxTasksPerWorker: 1,
      initializer: tasks.setGreeting,
      initArgs: ["again"],
    }, async (pool) => {
      const calls = [1, 2, 3].map(() => pool.apply(tasks.greetingHere));
      assert.deepEqual(await Promise.all(calls), ["again", "again", "again"]);
    }));

  it("initializer may be an inline function", () =>
    withPool({
      workers: 1,
      initializer: (value: number) => Object.assign(globalThis, { fromInitializer: value }),
      initArgs: [42],
    }, async (pool) => {
      const read = () => Reflect.get(globalThis, "fromInitializer");
      assert.equal(await pool.apply(read), 42);
    }));

  for (const chunkSize of [1, 2, 100]) {
    it(`maxTasksPerWorker counts tasks, not chunks, chunkSize ${chunkSize}`, () =>
      withPool({ workers: 1, maxTasksPerWorker: 3, idleTimeout: Infinity }, async (pool) => {
        const items = Array.from({ length: 8 }, (_, n) => n);
        const names = await pool.map(tasks.nameOfWorker, items, { chunkSize });
        const counts = new Map<string, number>();
        for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
        assert.deepEqual([...counts.values()], [3, 3, 2]);
        assert.equal(pool.stats().restarted, 2);
        assert.equal(pool.stats().lost, 0);
      }));
  }
});

/** The gate itself, open. */
function opened(gate: ReturnType<typeof makeGate>): ReturnType<typeof makeGate> {
  open(gate);
  return gate;
}
