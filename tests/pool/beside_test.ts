import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool, type PoolOptions } from "../../mod.ts";
import { patiently } from "../faults/patience.ts";
import { arrivals, type Gate, makeGate, open } from "../fixtures/gate.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/beside.ts")>(
  new URL("../fixtures/tasks/beside.ts", import.meta.url),
);
const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** Longest that a test waits for what should be there within milliseconds. */
const MAX_WAIT = 10_000;

/** Runs a test with workers that are up and have measured their functions as quick, and a gate. */
function withWarmPool(
  options: PoolOptions,
  test: (pool: Pool, gate: Gate) => Promise<void>,
): Promise<void> {
  return withPool(options, async (pool) => {
    const gate = makeGate();
    try {
      await pool.ready();
      await warmUp(pool);
      await patiently(test(pool, gate), "the test", MAX_WAIT);
    } finally {
      open(gate);
    }
  });
}

async function warmUp(pool: Pool): Promise<void> {
  const zeros: number[] = Array(2000).fill(0);
  await pool.map(tasks.quickOrBlocked, zeros);
  await pool.map(tasks.quickOrPending, zeros);
  await pool.map(tasks.objectOrBlocked, zeros);
  await pool.starmap(tasks.addOrBlocked, zeros.map((n): [number, number] => [n, n]));
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

/** Every kind of job, each with its own way of being over. */
const JOBS: Readonly<Record<string, (pool: Pool) => Promise<unknown>>> = {
  apply: (pool) => Promise.all(numbers(40).map((n) => pool.apply(tasks.quickOrBlocked, [n]))),
  applyAsync: (pool) =>
    Promise.all(numbers(40).map((n) => pool.applyAsync(tasks.quickOrBlocked, [n]))),
  map: (pool) => pool.map(tasks.quickOrBlocked, numbers(40)),
  "map with chunkSize": (pool) => pool.map(tasks.quickOrBlocked, numbers(40), { chunkSize: 3 }),
  "map with onProgress": (pool) => mapWithProgress(pool),
  "map of an async input": (pool) => pool.map(tasks.quickOrBlocked, later(40)),
  starmap: (pool) =>
    pool.starmap(tasks.addOrBlocked, numbers(40).map((n): [number, number] => [n, 0])),
  mapSettled: async (pool) => {
    const outcomes = await pool.mapSettled(tasks.quickOrBlocked, numbers(40));
    return outcomes.map((outcome) => outcome.status === "fulfilled" ? outcome.value : outcome);
  },
  imap: (pool) => gather(pool.imap(tasks.quickOrBlocked, numbers(40))),
  "imap with chunkSize and bufferSize": (pool) =>
    gather(
      pool.imap(tasks.quickOrBlocked, numbers(40), { chunkSize: 4, bufferSize: 8 }),
    ),
  "imap of a generator": (pool) => gather(pool.imap(tasks.quickOrBlocked, numbers(40).values())),
  imapUnordered: async (pool) => {
    const values = await gather(pool.imapUnordered(tasks.quickOrBlocked, numbers(40)));
    return values.toSorted((a, b) => a - b);
  },
};

async function gather<R>(results: AsyncIterable<R>): Promise<R[]> {
  const values: R[] = [];
  for await (const value of results) values.push(value);
  return values;
}

async function* later(count: number): AsyncGenerator<number> {
  for (const n of numbers(count)) {
    await Promise.resolve();
    yield n;
  }
}

async function mapWithProgress(pool: Pool): Promise<number[]> {
  const told: number[] = [];
  const onProgress = ({ done }: { done: number }) => void told.push(done);
  const values = await pool.map(tasks.quickOrBlocked, numbers(40), { onProgress });
  assert.deepEqual(told, [...new Set(told)].toSorted((a, b) => a - b));
  assert.equal(told.at(-1), 40);
  return values;
}

/** Every kind of trouble, from the moment when it is there; each keeps a worker from its work. */
const TROUBLES: Readonly<
  Record<string, { options?: PoolOptions; begin: (pool: Pool, gate: Gate) => Promise<unknown> }>
> = {
  "a call that never ends": {
    begin: (pool, gate) => blocked(pool.apply(tasks.quickOrBlocked, [gate]), gate),
  },
  "a promise that never settles": {
    begin: (pool, gate) => blocked(pool.apply(tasks.quickOrPending, [gate]), gate),
  },
  "a task within a chunk that never ends": {
    begin: (pool, gate) => {
      const items = [0, 0, 0, gate, 0, 0];
      return blocked(pool.map(tasks.quickOrBlocked, items, { chunkSize: 6 }), gate);
    },
  },
  "a task within an imap that never ends": {
    begin: (pool, gate) => {
      const results = pool.imap(tasks.quickOrBlocked, [0, gate, ...numbers(50)]);
      return blocked(results.next(), gate);
    },
  },
  "an aborted task in its grace": {
    options: { abortGrace: 15_000 },
    begin: async (pool, gate) => {
      const result = pool.mapAsync(tasks.quickOrBlocked, [0, gate, 0]);
      await blocked(result, gate);
      result.abort();
    },
  },
  "a task out of time in its grace": {
    options: { abortGrace: 15_000 },
    begin: async (pool, gate) => {
      const timeout = 50;
      await assert.rejects(
        pool.map(tasks.quickOrBlocked, [gate, 0, 0], { timeout, chunkSize: 3 }),
        { name: "TimeoutError" },
      );
    },
  },
  "a worker that is lost": {
    begin: (pool, gate) => {
      pool.apply(faults.exitProcess, [1]).catch(() => {});
      return blocked(pool.apply(tasks.quickOrBlocked, [gate]), gate);
    },
  },
  "workers that are replaced": {
    options: { maxTasksPerWorker: 5000 },
    begin: (pool, gate) => blocked(pool.apply(tasks.quickOrBlocked, [gate]), gate),
  },
  "a flood of reports": {
    begin: (pool, gate) => {
      const onReport = () => {};
      return blocked(pool.apply(tasks.reportThenBlock, [5000, gate], { onReport }), gate);
    },
  },
  "a reader that is slow": {
    begin: async (pool, gate) => {
      const results = pool.imap(tasks.quickOrBlocked, numbers(5000));
      await results.next();
      await blocked(pool.apply(tasks.quickOrBlocked, [gate]), gate);
    },
  },
};

/** Waits until a task of a job is at the gate; how it ends is its own affair. */
function blocked(result: PromiseLike<unknown>, gate: Gate): Promise<void> {
  ignore(result);
  return arrivals(gate, 1);
}

/** How it ends is of no interest. */
function ignore(result: PromiseLike<unknown>): void {
  Promise.resolve(result).catch(() => {});
}

describe("A job beside another one's trouble", () => {
  for (const [trouble, { options, begin }] of Object.entries(TROUBLES)) {
    for (const [name, run] of Object.entries(JOBS)) {
      it(`${name} settles beside ${trouble}`, () =>
        withWarmPool({ workers: 2, ...options }, async (pool, gate) => {
          await begin(pool, gate);
          assert.deepEqual(await run(pool), numbers(40));
          assert.equal(gate[0], 0);
        }));
    }
  }

  it("map() settles though a chunk of it was taken from behind a task that never ends", () =>
    withWarmPool({ workers: 2 }, async (pool, gate) => {
      for (let round = 0; round < 5; round++) {
        const items = [0, 0, 0, gate, 0, 0];
        if (round === 0) {
          const long = pool.map(tasks.quickOrBlocked, items, { chunkSize: 6 });
          long.catch(() => {});
        }
        const told: number[] = [];
        const onProgress = ({ done }: { done: number }) => void told.push(done);
        await pool.map(tasks.quickOrBlocked, Array(400).fill(0), { onProgress });
        assert.equal(told.filter((done) => done === 400).length, 1);
      }
      assert.equal(gate[0], 0);
    }));
});

describe("Tasks that wait beside an idle worker", () => {
  for (const workers of [2, 3, 4]) {
    for (const endless of [1, workers - 1]) {
      it(`are run by ${workers} workers, of which ${endless} never end`, () =>
        withWarmPool({ workers }, async (pool, gate) => {
          const items = [...Array<Gate>(endless).fill(gate), ...Array<number>(300).fill(1)];
          const calls = items.map((item) => pool.apply(tasks.quickOrBlocked, [item]));
          calls.slice(0, endless).forEach(ignore);
          await Promise.all(calls.slice(endless));
          assert.equal(gate[0], 0);
          await until(() => pool.stats().idle === workers - endless);
          assert.equal(pool.stats().queued, 0);
        }));
    }
  }

  it("are run by workers that are started for them", () =>
    withPool({ workers: 3 }, async (pool) => {
      const gate = makeGate();
      try {
        for (let call = 0; call < 50; call++) await pool.apply(tasks.quickOrBlocked, [0]);
        const items = [gate, ...Array<number>(100).fill(1)];
        const calls = items.map((item) => pool.apply(tasks.quickOrBlocked, [item]));
        calls.slice(0, 1).forEach(ignore);
        await patiently(Promise.all(calls.slice(1)), "the calls", MAX_WAIT);
        assert.equal(gate[0], 0);
      } finally {
        open(gate);
      }
    }));

  it("are each run at once, though they were measured as quick", () =>
    withWarmPool({ workers: 3 }, async (pool, gate) => {
      const job = pool.map(tasks.quickOrBlocked, [gate, gate, gate]);
      await arrivals(gate, 3);
      open(gate);
      assert.deepEqual(await job, [-1, -1, -1]);
    }));

  it("are taken from a worker whose thread does not begin them", () =>
    withWarmPool({ workers: 2 }, async (pool, gate) => {
      await pool.apply(tasks.blockSoon, [gate]);
      await arrivals(gate, 1);
      const calls = numbers(6).map((n) => pool.apply(tasks.quickOrBlocked, [n]));
      assert.deepEqual(await Promise.all(calls), numbers(6));
      assert.equal(gate[0], 0);
    }));

  it("are taken from a chunk that waits behind, whatever its size and whoever chose it", () =>
    withWarmPool({ workers: 2 }, async (pool, gate) => {
      const task = tasks.quickOrBlocked;
      const first = pool.map(task, [0, gate, 0], { chunkSize: 3 });
      const jobs = [1, 7, 100].map((chunkSize) => pool.map(task, numbers(30), { chunkSize }));
      for (const values of await Promise.all(jobs)) assert.deepEqual(values, numbers(30));
      assert.equal(gate[0], 0);
      open(gate);
      assert.deepEqual(await first, [0, -1, 0]);
    }));
});

describe("A finished result before a task that never ends", () => {
  for (const count of [1, 2, 5, 32, 100, 1000]) {
    it(`reaches the caller of apply(), of ${count} calls`, () =>
      withWarmPool({ workers: 1 }, async (pool, gate) => {
        const call = (item: number | Gate) => pool.apply(tasks.quickOrBlocked, [item]);
        const results = numbers(count).map(call);
        const long = call(gate);
        const after = numbers(5).map(call);
        assert.deepEqual(await Promise.all(results), numbers(count));
        assert.equal(gate[0], 0);
        open(gate);
        assert.deepEqual(await Promise.all([long, ...after]), [-1, ...numbers(5)]);
      }));

    it(`reaches the reader of imap(), of ${count} items`, () =>
      withWarmPool({ workers: 1 }, async (pool, gate) => {
        const items = [...numbers(count), gate, 7];
        const results = pool.imap(tasks.quickOrBlocked, items, { bufferSize: 2000 });
        for (const n of numbers(count)) assert.equal((await results.next()).value, n);
        assert.equal(gate[0], 0);
        open(gate);
        assert.deepEqual(await gather(results), [-1, 7]);
      }));
  }

  const values: Readonly<Record<string, readonly unknown[]>> = {
    "texts of any kind": ["", "a", "\ud800 alone", "é🎉", "x".repeat(3000)],
    "constants": [undefined, null, true, false],
    "odd numbers": [-0, NaN, Infinity, 2 ** 53, 5e-324, -1.5],
    "bigints": [0n, -1n, 2n ** 62n, -(2n ** 63n)],
    "large bigints": [2n ** 64n, -(10n ** 30n)],
    "objects": [{ a: 1 }, [1, 2], new Date(0), new Uint8Array(2)],
    "a mixture": [1, { a: "b" }, "c", [], null, new Map([[1, 2]]), 2n],
  };
  for (const [kind, list] of Object.entries(values)) {
    it(`reaches the caller if the results are ${kind}`, () =>
      withWarmPool({ workers: 1 }, async (pool, gate) => {
        const call = (item: unknown) => pool.apply(tasks.anyOrBlocked, [item]);
        const results = list.map(call);
        const long = call(gate);
        assert.deepEqual(await Promise.all(results), list);
        assert.equal(gate[0], 0);
        open(gate);
        assert.equal(await long, -1);
      }));
  }

  it("reaches the caller if it is an error", () =>
    withWarmPool({ workers: 1 }, async (pool, gate) => {
      const settled = await Promise.race([
        pool.mapSettled(tasks.throwOrBlocked, [1, 2]).then((outcomes) => outcomes.length),
      ]);
      assert.equal(settled, 2);
      const errors = [1, 2, 3].map((n) => pool.apply(tasks.throwOrBlocked, [n]));
      const long = pool.apply(tasks.throwOrBlocked, [gate]);
      long.catch(() => {});
      for (const error of errors) await assert.rejects(error, RangeError);
      assert.equal(gate[0], 0);
    }));

  it("reaches the caller again and again within one message of calls", () =>
    withWarmPool({ workers: 1 }, async (pool, first) => {
      const gates = [first, makeGate(), makeGate()];
      const call = (item: number | Gate) => pool.apply(tasks.quickOrBlocked, [item]);
      try {
        const rounds = gates.map((gate) => ({ results: numbers(10).map(call), long: call(gate) }));
        for (const [at, { results, long }] of rounds.entries()) {
          assert.deepEqual(await Promise.all(results), numbers(10));
          const gate = gates[at] ?? first;
          await arrivals(gate, 1);
          assert.equal(gate[0], 0);
          open(gate);
          assert.equal(await long, -1);
        }
      } finally {
        for (const gate of gates) open(gate);
      }
    }));
});

describe("A task that is out of time", () => {
  const jobs: Readonly<Record<string, (pool: Pool, gate: Gate) => Promise<unknown>>> = {
    apply: (pool, gate) => pool.apply(tasks.quickOrBlocked, [gate], { timeout: 50 }),
    map: (pool, gate) => pool.map(tasks.quickOrBlocked, [gate], { timeout: 50 }),
    mapSettled: (pool, gate) =>
      pool.mapSettled(tasks.quickOrBlocked, [0, gate, 0], { timeout: 50 }),
    "map with chunkSize": (pool, gate) =>
      pool.map(tasks.quickOrBlocked, [0, gate, 0], { timeout: 50, chunkSize: 3 }),
    imap: (pool, gate) => gather(pool.imap(tasks.quickOrBlocked, [0, gate], { timeout: 50 })),
  };
  for (const [name, run] of Object.entries(jobs)) {
    it(`does not hold up ${name} for its grace`, () =>
      withWarmPool({ workers: 2, abortGrace: 15_000 }, async (pool, gate) => {
        const start = performance.now();
        await run(pool, gate).then(() => {}, (error) => assert.equal(error.name, "TimeoutError"));
        assert(performance.now() - start < 10_000);
        assert.equal(gate[0], 0);
      }));
  }
});

describe("imap() behind a slow item", () => {
  it("keeps its workers at work while the reader waits", () =>
    withWarmPool({ workers: 2 }, async (pool, gate) => {
      const items = [gate, ...numbers(1000)];
      const results = pool.imap(tasks.quickOrBlocked, items);
      const first = results.next();
      await until(() => pool.stats().completed >= 8000 + 1000);
      assert.equal(gate[0], 0);
      open(gate);
      assert.equal((await first).value, -1);
      assert.deepEqual(await gather(results), numbers(1000));
    }));
});

describe("transfer()", () => {
  it("may submit a more urgent call, and its item arrives", () =>
    withWarmPool({ workers: 1 }, async (pool) => {
      const urgent: Promise<unknown>[] = [];
      const items = numbers(5).map((n) => new Uint8Array([n]));
      const transfer = (item: Uint8Array<ArrayBuffer>) => {
        urgent.push(pool.apply(tasks.quickOrBlocked, [9], { priority: urgent.length + 1 }));
        return [item.buffer];
      };
      const sums = await pool.map(tasks.firstOf, items, { transfer });
      assert.deepEqual(sums, numbers(5));
      assert.deepEqual(await Promise.all(urgent), Array(5).fill(9));
      assert.deepEqual(items.map(({ byteLength }) => byteLength), Array(5).fill(0));
    }));
});

describe("Tasks that cannot be sent", () => {
  it("let timers and aborts have their turn, however many they are", () =>
    withWarmPool({ workers: 2 }, async (pool) => {
      const controller = new AbortController();
      let read = 0;
      const items = function* () {
        for (; read < 1_000_000; read++) yield () => read;
      };
      const job = pool.map(tasks.echo, items(), { signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 20);
      await assert.rejects(job, /enough/);
      assert(read < 1_000_000);
    }));

  it("keep the process from ending until they are all refused", () =>
    withWarmPool({ workers: 2 }, async (pool) => {
      const outcomes = await pool.mapSettled(tasks.echo, Array(5000).fill(() => 1));
      assert.equal(outcomes.filter(({ status }) => status === "rejected").length, 5000);
    }));
});

describe("workers: 0", () => {
  it("reads an item when the one before it has run, with a chunk size of 1", () =>
    withPool({ workers: 0 }, async (pool) => {
      let ran = 0;
      const ahead: number[] = [];
      const items = function* () {
        for (let read = 0; read < 20; read++) {
          ahead.push(read - ran);
          yield read;
        }
      };
      await pool.map((n: number) => n, items(), {
        chunkSize: 1,
        onProgress: ({ done }) => void (ran = done),
      });
      assert(Math.max(...ahead) <= 1, `${ahead}`);
    }));
});
