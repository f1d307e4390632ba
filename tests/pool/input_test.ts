import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool, type Progress, type ResultIterator } from "../../mod.ts";
import { arrivals, type Gate, makeGate, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

/** More numbers than whatever is around them claims to have. */
class Doubled extends Array<number> {
  override *[Symbol.iterator](): ArrayIterator<number> {
    for (let at = 0; at < this.length; at++) yield* [at, at];
  }
}

class DoubledSet extends Set<number> {
  override *[Symbol.iterator](): SetIterator<number> {
    for (let n = 0; n < this.size; n++) yield* [n, n];
  }
}

/** A set that gives fewer than it has. */
class EvenSet extends Set<number> {
  override *[Symbol.iterator](): SetIterator<number> {
    for (const n of this.values()) if (n % 2 === 0) yield n;
  }
}

function withIterator<T extends object>(items: T, iterate: () => Iterator<unknown>): T {
  return Object.defineProperty(items, Symbol.iterator, { value: iterate });
}

class Claiming extends Set<number> {
  readonly claim: unknown;

  constructor(items: Iterable<number>, claim: unknown) {
    super(items);
    this.claim = claim;
  }

  override get size(): number {
    if (this.claim instanceof Error) throw this.claim;
    // No number: the point of the test.
    return this.claim as number;
  }
}

const hasSharedMemory = typeof SharedArrayBuffer !== "undefined";

/** How many items an array or a set says that it has. */
function claimOf(input: Iterable<unknown>): number | undefined {
  const { length, size } = input as { length?: number; size?: number };
  return length ?? size;
}

/** Inputs whose length tells nothing, or not all, and what their iterators give. */
const INPUTS: Readonly<Record<string, () => Iterable<unknown>>> = {
  "an array": () => range(40),
  "an array with holes": () => [0, , 2, , ,],
  "a subclass of Array": () => class extends Array<number> {}.from(range(40)),
  "a subclass of Array that yields more than it holds": () => Doubled.from(range(20)),
  "a subclass of Set that yields more than it holds": () => new DoubledSet(range(20)),
  "a subclass of Set that yields fewer than it holds": () => new EvenSet(range(20)),
  "an array whose own iterator yields more": () =>
    withIterator(range(3), () => range(50)[Symbol.iterator]()),
  "an array whose own iterator yields fewer": () =>
    withIterator(range(50), () => range(3)[Symbol.iterator]()),
  "an array whose own iterator yields none": () =>
    withIterator(range(5), () => [][Symbol.iterator]()),
  "an empty array whose own iterator yields some": () =>
    withIterator<number[]>([], () => range(5)[Symbol.iterator]()),
  "a typed array": () => new Float32Array(range(40)),
  "a typed array whose own iterator yields more": () =>
    withIterator(new Uint8Array(2), () => range(9)[Symbol.iterator]()),
  "an empty typed array": () => new Uint8Array(0),
  "a Map": () => new Map(range(20).map((n) => [n, `v${n}`])),
  "a Set": () => new Set(range(40)),
  "a string": () => "añ😀",
  "an empty string": () => "",
  "a generator": () => new Set(range(40)).values(),
  "a set that claims no number": () => new Claiming([1, 2], "two"),
  "a set that claims fewer than none": () => new Claiming([1, 2], -1),
  "a set that claims a broken number": () => new Claiming([1, 2], 1.5),
  "a set that claims no end": () => new Claiming([1, 2], Infinity),
  "a set whose size cannot be read": () => new Claiming([1, 2], new Error("secret")),
};

describe("what an input's iterator gives", () => {
  for (const [name, make] of Object.entries(INPUTS)) {
    const expected = [...make()];
    it(`map() and imap() give a result for each item of ${name}`, () =>
      withPool({ workers: 2 }, async (pool) => {
        for (const options of [{}, { chunkSize: 1 }, { chunkSize: 7 }]) {
          assert.deepEqual(await pool.map(tasks.echo, make(), options), expected);
          assert.deepEqual(await collect(pool.imap(tasks.echo, make(), options)), expected);
          const settled = await pool.mapSettled(tasks.echo, make(), options);
          assert.deepEqual(settled, expected.map((value) => ({ status: "fulfilled", value })));
        }
      }));

    it(`map() tells onProgress no wrong total of ${name}`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const seen: Progress[] = [];
        const onProgress = (progress: Progress) => seen.push(progress);
        await pool.map(tasks.echo, make(), { chunkSize: 1, onProgress });
        for (const { done, total = done } of seen) assert.ok(total >= done, `${done} of ${total}`);
        if (seen.length === 0) assert.equal(expected.length, 0);
        else assert.equal(seen.at(-1)?.done, expected.length);
        const totals = [expected.length, undefined];
        // Without shared memory the last task is heard of before the input's end may be found.
        if (!hasSharedMemory) totals.push(claimOf(make()));
        assert.ok(totals.includes(seen.at(-1)?.total));
      }));
  }

  it("map() reads on where an iterator that claims fewer throws, and gives its error", () =>
    withPool({ workers: 1 }, async (pool) => {
      const items = withIterator(range(3), function* () {
        yield* range(5);
        throw new EvalError("torn");
      });
      const results = pool.imap(tasks.square, items, { chunkSize: 2 });
      for (const n of range(5)) assert.deepEqual((await results.next()).value, n * n);
      await assert.rejects(results.next(), { name: "EvalError", message: "torn" });
      assert.equal((await results.next()).done, true);
      await assert.rejects(pool.map(tasks.square, items), { name: "EvalError" });
    }));
});

/** Holds up the first task until something has been done to the input. */
async function whileHeld<T>(
  pool: Pool,
  start: (first: { gate: Gate; n: number }) => T,
  change: () => void,
): Promise<T> {
  const gate = makeGate();
  const started = start({ gate, n: 0 });
  await arrivals(gate, 1);
  change();
  open(gate);
  assert.equal(pool.state, "running");
  return started;
}

type Held = { gate?: Gate; n: number };

describe("an input that grows while it is read", () => {
  const more = [{ n: 3 }, { n: 4 }];

  /** Makes such an input of the first item, and tells how to make it grow. */
  const growing: Readonly<Record<string, (first: Held) => [Iterable<Held>, () => void]>> = {
    "a Set": (first) => {
      const items = new Set<Held>([first, { n: 1 }, { n: 2 }]);
      return [items, () => more.forEach((item) => items.add(item))];
    },
    "a subclass of Array": (first) => {
      const items = class extends Array<Held> {}.from([first, { n: 1 }, { n: 2 }]);
      return [items, () => items.push(...more)];
    },
    "the values of a Map": (first) => {
      const items = new Map<number, Held>([[0, first], [1, { n: 1 }], [2, { n: 2 }]]);
      return [items.values(), () => more.forEach((item) => items.set(item.n, item))];
    },
  };

  for (const [name, make] of Object.entries(growing)) {
    it(`map() reads what ${name} gets while it is read`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const seen: Progress[] = [];
        const options = { chunkSize: 1, onProgress: (progress: Progress) => seen.push(progress) };
        let grow = () => {};
        const values = await whileHeld(pool, (first) => {
          const [items, growItems] = make(first);
          grow = growItems;
          return pool.map(tasks.hold, items, options);
        }, () => grow());
        assert.deepEqual(values, range(5));
        for (const { total = 5 } of seen) assert.equal(total, 5);
      }));

    it(`imap() reads what ${name} gets while it is read`, () =>
      withPool({ workers: 1 }, async (pool) => {
        let grow = () => {};
        const gate = makeGate();
        const [items, growItems] = make({ gate, n: 0 });
        grow = growItems;
        const results = pool.imap(tasks.hold, items, { chunkSize: 1 });
        await arrivals(gate, 1);
        grow();
        open(gate);
        assert.deepEqual(await collect(results), range(5));
      }));
  }

  const ofMaps: Readonly<Record<string, (pool: Pool, lists: Map<Gate, string>) => unknown>> = {
    starmap: (pool, lists) => pool.starmap(tasks.echoAt, lists, { chunkSize: 1 }),
    istarmap: (pool, lists) => collect(pool.istarmap(tasks.echoAt, lists, { chunkSize: 1 })),
  };
  for (const [name, run] of Object.entries(ofMaps)) {
    it(`${name}() reads what a Map gets while it is read`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const gates = range(4).map(makeGate);
        const [first = makeGate(), second = makeGate(), ...others] = gates;
        const lists = new Map([[first, "a"], [second, "b"]]);
        const values = run(pool, lists);
        await arrivals(first, 1);
        for (const gate of others) lists.set(gate, "more");
        gates.forEach(open);
        assert.deepEqual(await values, ["a", "b", "more", "more"]);
      }));
  }

  const STREAMS = ["imap", "imapUnordered", "istarmap", "istarmapUnordered"] as const;
  for (const name of STREAMS) {
    it(`${name}() of an array reads what is pushed while it is read`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const gate = makeGate();
        const items: Held[] = [{ gate, n: 0 }, { n: 1 }, { n: 2 }];
        // Items and lists of arguments alike, as the types of the four have little in common.
        const lists = items.map((item): [Held] => [item]);
        const isStar = name.startsWith("istar");
        const results = isStar
          ? pool[name as "istarmap"](tasks.hold, lists, { chunkSize: 1 })
          : pool[name as "imap"](tasks.hold, items, { chunkSize: 1 });
        await arrivals(gate, 1);
        items.push(...more);
        lists.push(...more.map((item): [Held] => [item]));
        open(gate);
        assert.deepEqual(await collect(results), range(5));
      }));
  }

  it("imap() of an array reads what is pushed right behind the call", () =>
    withPool({ workers: 1 }, async (pool) => {
      const items: number[] = [];
      const results = pool.imap(tasks.square, items);
      items.push(2, 3);
      assert.deepEqual(await collect(results), [4, 9]);
    }));

  it("imap() of an array reads no more behind its end", () =>
    withPool({ workers: 1 }, async (pool) => {
      const items = range(3);
      const results = pool.imap(tasks.square, items);
      assert.deepEqual(await collect(results), [0, 1, 4]);
      items.push(9);
      assert.equal((await results.next()).done, true);
    }));

  it("map() of an array does not read what is pushed behind the call", () =>
    withPool({ workers: 1 }, async (pool) => {
      for (const options of [{}, { chunkSize: 1 }, { chunkSize: 100 }]) {
        const items = range(10);
        const values = pool.map(tasks.square, items, options);
        items.push(10, 11);
        assert.deepEqual(await values, range(10).map((n) => n * n));
      }
      const none: number[] = [];
      const values = pool.map(tasks.square, none);
      none.push(1);
      assert.deepEqual(await values, []);
    }));
});

describe("an array that becomes shorter while it is read", () => {
  type Run = (pool: Pool, items: number[]) => PromiseLike<unknown>;

  const METHODS: Readonly<Record<string, Run>> = {
    map: (pool, items) => pool.map(tasks.square, items, { chunkSize: 1 }),
    mapSettled: (pool, items) => pool.mapSettled(tasks.square, items, { chunkSize: 2 }),
    mapAsync: (pool, items) => pool.mapAsync(tasks.square, items),
    "map with failFast": (pool, items) => pool.map(tasks.square, items, { failFast: true }),
  };

  for (const [name, run] of Object.entries(METHODS)) {
    for (const left of [0, 3, 9]) {
      it(`${name}() rejects where an array of 10 has ${left} left`, () =>
        withPool({ workers: 2 }, async (pool) => {
          const items = range(10);
          const values = run(pool, items);
          items.length = left;
          await assert.rejects(Promise.resolve(values), {
            name: "RangeError",
            message: `Cannot read the items as the array has become shorter: ${left} of 10`,
          });
          assert.deepEqual(await pool.map(tasks.square, [3]), [9]);
        }));
    }
  }

  it("starmap() and starmapAsync() reject where an array has become shorter", () =>
    withPool({ workers: 1 }, async (pool) => {
      const makeLists = () => range(10).map((n): [number, number] => [n, n]);
      const [lists, others] = [makeLists(), makeLists()];
      const values = pool.starmap(tasks.add, lists);
      const result = pool.starmapAsync(tasks.add, others);
      lists.length = others.length = 2;
      await assert.rejects(values, { name: "RangeError", message: /shorter: 2 of 10$/ });
      await assert.rejects(result.get(), { name: "RangeError", message: /shorter: 2 of 10$/ });
    }));

  it("map() runs the tasks that were read before it rejects", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const items = range(10).map((n) => n === 0 ? { gate, n } : { n });
      const seen: number[] = [];
      const onProgress = ({ done }: Progress) => seen.push(done);
      const values = pool.map(tasks.hold, items, { chunkSize: 1, onProgress });
      await arrivals(gate, 1);
      items.length = 5;
      open(gate);
      await assert.rejects(values, { name: "RangeError", message: /shorter: 5 of 10$/ });
      assert.deepEqual(seen, [1, 2, 3, 4, 5]);
    }));

  it("map() gives a task's error rather than that an array has become shorter", () =>
    withPool({ workers: 1 }, async (pool) => {
      const items = [1, 2, 3];
      const values = pool.map(tasks.failOdd, items, { chunkSize: 1 });
      items.length = 1;
      await assert.rejects(values, { name: "RangeError", message: "odd: 1" });
    }));

  it("imap() ends where an array ends that has become shorter", () =>
    withPool({ workers: 1 }, async (pool) => {
      for (const left of [0, 3]) {
        const items = range(10);
        const results = pool.imap(tasks.echo, items, { chunkSize: 1 });
        items.length = left;
        assert.deepEqual(await collect(results), range(left));
      }
      const items = range(10);
      const results = pool.imap(tasks.echo, items, { chunkSize: 1, bufferSize: 4 });
      await until(() => pool.stats().completed === 3 + 4);
      items.length = 2;
      assert.deepEqual(await collect(results), range(4));
    }));
});

/** What a generator does to the job that reads it; each ends the job. */
const ENDINGS: Readonly<Record<string, (made: Made) => void>> = {
  "aborts its signal": ({ controller }) => controller.abort(new EvalError("enough")),
  "aborts its AsyncResult": ({ abort }) => abort(),
  "returns its own iterator": ({ leave }) => leave(),
  "terminates the pool": ({ pool }) => void pool.terminate(),
};

interface Made {
  readonly pool: Pool;
  readonly controller: AbortController;
  abort(): void;
  leave(): void;
}

/** Runs a job to its end on an input that is told how to end it. */
async function runToEnd(
  pool: Pool,
  method: "mapAsync" | "imap",
  makeInput: (made: Made) => unknown,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const started: { result?: { abort(): void }; results?: ResultIterator<unknown> } = {};
  // An Iterable or AsyncIterable, as the tests have both.
  const input = makeInput({
    pool,
    controller,
    abort: () => started.result ? started.result.abort() : controller.abort(),
    leave: () => started.results ? void started.results.return() : controller.abort(),
  }) as Iterable<number>;
  const options = { signal, chunkSize: 1 };
  if (method === "mapAsync") {
    const result = started.result = pool.mapAsync(tasks.square, input, options);
    await result.wait();
  } else {
    const results = started.results = pool.imap(tasks.square, input, options);
    await collect(results).catch(() => {});
  }
}

const KINDS: Readonly<Record<string, (log: string[], at: number, end: () => void) => unknown>> = {
  generator: function* (log, at, end) {
    try {
      for (let n = 0; n < 1000; n++) {
        if (n === at) end();
        yield n;
        log.push(`asked behind ${n}`);
      }
    } finally {
      log.push("closed");
    }
  },
  "async generator": async function* (log, at, end) {
    try {
      for (let n = 0; n < 1000; n++) {
        if (n === at) end();
        yield n;
        log.push(`asked behind ${n}`);
      }
    } finally {
      log.push("closed");
    }
  },
  "async generator that waits": async function* (log, at, end) {
    try {
      for (let n = 0; n < 1000; n++) {
        await Promise.resolve();
        if (n === at) end();
        await Promise.resolve();
        yield n;
        log.push(`asked behind ${n}`);
      }
    } finally {
      log.push("closed");
    }
  },
  "generator in async clothes": (log, at, end) => {
    const items = KINDS.generator?.(log, at, end) as Generator<number>;
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve(items.next()),
        return: async () => await items.return(undefined),
      }),
    };
  },
  "generator in slow async clothes": (log, at, end) => {
    const items = KINDS.generator?.(log, at, end) as Generator<number>;
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          await Promise.resolve();
          return items.next();
        },
        return: async () => await items.return(undefined),
      }),
    };
  },
};

describe("an input that ends its own job", () => {
  for (const [kind, make] of Object.entries(KINDS)) {
    for (const [name, end] of Object.entries(ENDINGS)) {
      for (const method of ["mapAsync", "imap"] as const) {
        for (const at of [0, 2]) {
          it(`${method}() closes the ${kind} that ${name} at item ${at}`, () =>
            withPool({ workers: 1 }, async (pool) => {
              const log: string[] = [];
              await runToEnd(pool, method, (made) => make(log, at, () => end(made)));
              await until(() => log.includes("closed"));
              await settleDown();
              const asked = log.filter((entry) => entry.startsWith("asked"));
              assert.deepEqual(log, [...asked, "closed"]);
              assert.ok(asked.length <= at, `${log}`);
            }));
        }
      }
    }
  }

  for (const isThrowing of [false, true]) {
    const title = isThrowing ? "hears its error" : "waits for its clean-up";
    it(`return() from within a generator ${title}`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const log: string[] = [];
        let left: Promise<unknown> | undefined;
        const cleanUp = () => {
          if (isThrowing) throw new EvalError("unclean");
        };
        function* items(): Generator<number> {
          try {
            yield 1;
            left = results.return().then(
              () => log.push("left"),
              (error) => log.push(error.message),
            );
            log.push("asked to leave");
            yield 2;
            log.push("never");
          } finally {
            log.push("closed");
            cleanUp();
          }
        }
        const results = pool.imap(tasks.square, items(), { chunkSize: 1 });
        await until(() => left !== undefined);
        await left;
        assert.deepEqual(log, ["asked to leave", "closed", isThrowing ? "unclean" : "left"]);
        assert.equal((await results.next()).done, true);
      }));
  }

  it("return() from within an input hears what its next() throws behind it", () =>
    withPool({ workers: 1 }, async (pool) => {
      let left: Promise<unknown> | undefined;
      let closed = 0;
      const items: Iterable<number> = {
        [Symbol.iterator]: () => ({
          next: () => {
            left = results.return().catch((error) => error);
            throw new EvalError("torn");
          },
          return: () => ({ done: true, value: void closed++ }),
        }),
      };
      const results: ResultIterator<number> = pool.imap(tasks.square, items);
      await until(() => left !== undefined);
      assert.ok(await left instanceof EvalError);
      // What has thrown is over.
      assert.equal(closed, 0);
    }));

  it("return() from within an input that ends by itself does not close it", () =>
    withPool({ workers: 1 }, async (pool) => {
      let left: Promise<unknown> | undefined;
      let closed = 0;
      const items: Iterable<number> = {
        [Symbol.iterator]: () => ({
          next: () => {
            left = results.return();
            return { done: true, value: undefined };
          },
          return: () => ({ done: true, value: void closed++ }),
        }),
      };
      const results: ResultIterator<number> = pool.imap(tasks.square, items);
      await until(() => left !== undefined);
      await left;
      assert.equal(closed, 0);
    }));

  it("map() rejects with the reason of an input without return() that aborts it", () =>
    withPool({ workers: 1 }, async (pool) => {
      for (const key of [Symbol.iterator, Symbol.asyncIterator]) {
        const controller = new AbortController();
        let asked = 0;
        const next = () => {
          if (++asked === 2) controller.abort(new EvalError("enough"));
          return { done: false, value: asked };
        };
        // One of the two kinds of input, by the key.
        const items = { [key]: () => ({ next }) } as unknown as Iterable<number>;
        const values = pool.map(tasks.square, items, { signal: controller.signal, chunkSize: 1 });
        await assert.rejects(values, { name: "EvalError", message: "enough" });
        await settleDown();
        assert.equal(asked, 2);
      }
      assert.deepEqual(await pool.map(tasks.square, [3]), [9]);
    }));

  it("map() closes a generator whose job is aborted by what it submits and ends elsewhere", () =>
    withPool({ workers: 2 }, async (pool) => {
      const controller = new AbortController();
      let closed = 0;
      function* items(): Generator<number> {
        try {
          yield 1;
          yield 2;
          for (;;) {
            pool.apply(tasks.square, [2]).catch(() => {});
            controller.abort();
            yield 3;
          }
        } finally {
          closed++;
        }
      }
      const { signal } = controller;
      await assert.rejects(pool.map(tasks.square, items(), { signal, chunkSize: 50 }), {
        name: "AbortError",
      });
      assert.equal(closed, 1);
    }));

  it("map() reads an input to its end that closes the pool", () =>
    withPool({ workers: 1 }, async (pool) => {
      let closed = 0;
      function* items(): Generator<number> {
        try {
          pool.close();
          yield* range(5);
        } finally {
          closed++;
        }
      }
      assert.deepEqual(await pool.map(tasks.square, items(), { chunkSize: 2 }), [0, 1, 4, 9, 16]);
      assert.equal(closed, 1);
      await pool.join();
    }));

  it("map() throws where opening its input closes or terminates the pool", () =>
    withPool({ workers: 1 }, async (pool) => {
      let closed = 0;
      const items: Iterable<number> = {
        [Symbol.iterator]: () => {
          pool.close();
          return {
            next: () => ({ done: false, value: 1 }),
            return: () => ({ done: true, value: void closed++ }),
          };
        },
      };
      assert.throws(() => pool.map(tasks.square, items), { name: "PoolStateError" });
      assert.throws(() => pool.imap(tasks.square, [1]), { name: "PoolStateError" });
      assert.equal(closed, 1);
      await pool.join();
    }));
});

describe("a job beside another's endless task", () => {
  /** Inputs of three numbers whose end only they know. */
  const ENDS: Readonly<Record<string, () => Iterable<number> | AsyncIterable<number>>> = {
    generator: function* () {
      yield* range(3);
    },
    "async generator": () => later(range(3)),
    Set: () => new Set(range(3)),
    "array of a class of its own": () => class extends Array<number> {}.from(range(3)),
  };

  for (const [kind, make] of Object.entries(ENDS)) {
    it(`map() of a ${kind} settles`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const seen: Progress[] = [];
        const values = pool.map(tasks.square, make(), {
          chunkSize: 3,
          onProgress: (progress) => {
            seen.push(progress);
            blocked = pool.apply(tasks.untilAborted, [cells], { priority: 1, signal });
          },
        });
        const cells = new Int32Array(new SharedArrayBuffer(8));
        const controller = new AbortController();
        const { signal } = controller;
        let blocked: Promise<unknown> | undefined;
        assert.deepEqual(await values, [0, 1, 4]);
        assert.deepEqual(seen.map(({ done }) => done), [3]);
        controller.abort();
        await assert.rejects(Promise.resolve(blocked));
      }));

    for (const name of ["imap", "imapUnordered"] as const) {
      for (const bufferSize of [1, 3, 10]) {
        it(`${name}() of a ${kind} ends for its reader, bufferSize ${bufferSize}`, () =>
          withPool({ workers: 1 }, async (pool) => {
            const results = pool[name](tasks.square, make(), { chunkSize: 1, bufferSize });
            const values: unknown[] = [];
            while (values.length < 2) values.push((await results.next()).value);
            const { value: last } = await results.next();
            const gate = makeGate();
            const blocked = pool.apply(tasks.hold, [{ gate, n: 1 }], { priority: 1 });
            assert.deepEqual([...values, last], [0, 1, 4]);
            assert.deepEqual(await results.next(20_000), { done: true, value: undefined });
            open(gate);
            assert.equal(await blocked, 1);
          }));
      }
    }

    it(`map() of an empty ${kind} settles while all workers are busy`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const gate = makeGate();
        const blocked = pool.apply(tasks.hold, [{ gate, n: 1 }]);
        await arrivals(gate, 1);
        const none = kind.includes("async") ? later<number>([]) : new Set<number>();
        assert.deepEqual(await pool.map(tasks.square, none), []);
        assert.deepEqual(await collect(pool.imap(tasks.square, none)), []);
        open(gate);
        await blocked;
      }));
  }

  it("map() gives an input's error while all workers are busy", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const blocked = pool.apply(tasks.hold, [{ gate, n: 1 }]);
      await arrivals(gate, 1);
      const next = () => {
        throw new EvalError("torn");
      };
      const broken = (): Iterable<number> => ({ [Symbol.iterator]: () => ({ next }) });
      const brokenLater = (): AsyncIterable<number> => ({
        [Symbol.asyncIterator]: () => ({ next }),
      });
      await assert.rejects(pool.map(tasks.square, broken()), { name: "EvalError" });
      await assert.rejects(pool.map(tasks.square, brokenLater()), { name: "EvalError" });
      await assert.rejects(collect(pool.imap(tasks.square, broken())), { name: "EvalError" });
      open(gate);
      await blocked;
    }));

  it("map() rejects while all workers are busy where its array has become shorter", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const blocked = pool.apply(tasks.hold, [{ gate, n: 1 }]);
      const items = range(3);
      const values = pool.map(tasks.square, items);
      items.length = 0;
      await assert.rejects(values, { name: "RangeError", message: /shorter: 0 of 3$/ });
      open(gate);
      await blocked;
    }));
});

describe("reading ahead", () => {
  it("map() asks an input for at most one item before its turn, without workers", () =>
    withPool({ workers: 0 }, async (pool) => {
      const counter = new Int32Array(new SharedArrayBuffer(8));
      const ahead: number[] = [];
      function* items(): Generator<{ cells: typeof counter; n: number }> {
        for (let n = 0; n < 10; n++) {
          ahead.push(n - Atomics.load(counter, 0));
          yield { cells: counter, n };
        }
      }
      // So long that a worker has room for one behind it, and no more.
      const values = pool.map(
        ({ cells, n }: { cells: typeof counter; n: number }) => {
          Atomics.add(cells, 0, 1);
          const end = Date.now() + 5;
          while (Date.now() < end);
          return n;
        },
        items(),
        { chunkSize: 1 },
      );
      assert.deepEqual(await values, range(10));
      assert.ok(Math.max(...ahead) <= 1, `${ahead} ahead`);
    }));

  it("map() reads one item of an input while all workers are busy", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const blocked = pool.apply(tasks.hold, [{ gate, n: 1 }]);
      await arrivals(gate, 1);
      let pulled = 0;
      function* items(): Generator<number> {
        while (pulled < 100) yield pulled++;
      }
      const values = pool.map(tasks.square, items(), { chunkSize: 10 });
      assert.equal(pulled, 0);
      await settleDown();
      assert.equal(pulled, 1);
      open(gate);
      await blocked;
      assert.equal((await values).length, 100);
    }));

  it("map() cuts its chunks as if it had not read ahead", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const blocked = pool.apply(tasks.hold, [{ gate, n: 1 }]);
      for (const items of [new Set(range(7)).values(), later(range(7))]) {
        const seen: Progress[] = [];
        const onProgress = (progress: Progress) => seen.push(progress);
        const values = pool.map(tasks.square, items, { chunkSize: 3, onProgress });
        await settleDown();
        open(gate);
        assert.deepEqual(await values, range(7).map((n) => n * n));
        assert.deepEqual(seen.map(({ done }) => done), [3, 6, 7]);
      }
      await blocked;
    }));
});
