import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openInput, type TaskInput } from "../../../core/pool/inputs.ts";

describe("openInput()", () => {
  it("knows the length of what has one by construction", () => {
    const known = [[1, 2], new Set([1, 2]), new Uint8Array(2), new Map([[1, 1], [2, 2]])];
    for (const items of known) {
      const input = openInput(items, true, () => {});
      assert.deepEqual([input.length, input.waiting], [2, 2]);
      assert.equal(input.take(1).length, 1);
      assert.deepEqual([input.remaining, input.exhausted], [1, false]);
      input.take(5);
      assert.equal(input.exhausted, true);
    }
  });

  it("refuses what cannot be read", () => {
    for (const items of [undefined, null, 1, {}]) {
      assert.throws(() => openInput(items, true, () => {}), TypeError);
    }
  });

  it("gives the items before an error, then the error", () => {
    const error = new Error("torn");
    const input = openInput(
      function* () {
        yield 1;
        throw error;
      }(),
      true,
      () => {},
    );
    assert.deepEqual(input.take(5), [1]);
    assert.deepEqual([input.exhausted, input.failure], [true, { error }]);
  });

  it("closes the input once when it is ended early, and not after its end", async () => {
    let closed = 0;
    const items = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => ({ done: true, value: void closed++ }),
      }),
    };
    const input = openInput(items, true, () => {});
    input.take(1);
    await input.cancel();
    await input.cancel();
    assert.equal(closed, 1);
    const read = openInput([1], true, () => {});
    read.take(2);
    await read.cancel();
  });

  it("waits for an async input, and tells when there is something to take", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const error = new Error("torn");
    const input = openInput(
      async function* () {
        yield 1;
        yield 2;
        await Promise.resolve();
        throw error;
      }(),
      true,
      resolve,
    );
    assert.deepEqual(input.take(5), []);
    await promise;
    assert.equal(input.exhausted, false);
    assert.deepEqual(input.take(5), [1, 2]);
    assert.deepEqual([input.exhausted, input.failure], [true, { error }]);
  });
});

/** A list of numbers from 0 on. */
function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

/** An iterator over the numbers from 10 on that counts what it gave. */
function makeTens(counts: { pulled: number; closed: number }): () => ArrayIterator<number> {
  return function* () {
    try {
      for (let n = 10; n < 15; n++) {
        counts.pulled++;
        yield n;
      }
    } finally {
      counts.closed++;
    }
    // What an array's iterator has beyond a generator is not read.
  } as unknown as () => ArrayIterator<number>;
}

describe("openInput() of an array", () => {
  const open = (items: unknown) => openInput(items, true, () => {});

  it("gives its elements in pieces, the last one shorter", () => {
    const input = open(range(7));
    assert.deepEqual([3, 3, 3].map((limit) => input.take(limit)), [
      [0, 1, 2],
      [3, 4, 5],
      [6],
    ]);
    assert.deepEqual([input.exhausted, input.remaining, input.waiting], [true, 0, 0]);
    assert.deepEqual(input.take(3), []);
  });

  it("gives undefined for holes, as an iterator does", () => {
    const items = [0, , 2, undefined, ,];
    const input = open(items);
    const taken = [...input.take(2), ...input.take(9)];
    assert.deepEqual(taken, [...items]);
    assert.deepEqual([taken.length, input.exhausted], [5, true]);
  });

  it("reads an element no sooner than it is taken, and once", () => {
    const items = range(6);
    const input = open(items);
    const first = input.take(2);
    items[1] = 71;
    items[2] = 72;
    assert.deepEqual([first, input.take(2)], [[0, 1], [72, 3]]);
  });

  it("fails where an array ends that has become shorter, behind what is there", () => {
    for (const left of [0, 2, 3, 5]) {
      const items = range(10);
      const input = open(items);
      assert.deepEqual(input.take(3), [0, 1, 2]);
      items.length = left;
      // A reader that gets fewer than it asked for does not ask again.
      assert.deepEqual(input.take(4), range(left).slice(3));
      assert.deepEqual([input.exhausted, input.waiting], [true, 0]);
      const text = "Cannot read the items as the array has become shorter";
      assert.deepEqual(input.failure, { error: new RangeError(`${text}: ${left} of 10`) });
    }
  });

  it("finds out without taking anything that an array has become shorter", () => {
    const items = range(10);
    const input = open(items);
    input.take(4);
    input.probe?.();
    assert.deepEqual([input.exhausted, input.failure], [false, undefined]);
    items.length = 4;
    input.probe?.();
    assert.equal(input.exhausted, true);
    assert.match(String(input.failure?.error), /shorter: 4 of 10$/);
  });

  it("says nothing of an array that becomes shorter once it is read", () => {
    const items = range(3);
    const input = open(items);
    assert.deepEqual(input.take(3), items);
    items.length = 0;
    input.probe?.();
    assert.deepEqual([input.exhausted, input.failure, input.length], [true, undefined, 3]);
  });

  it("gives the elements before one that cannot be read, then the error", () => {
    const error = new RangeError("no entry");
    const items = Object.defineProperty(range(10), 5, {
      enumerable: true,
      get: () => {
        throw error;
      },
    });
    const input = open(items);
    assert.deepEqual([input.take(4), input.failure], [[0, 1, 2, 3], undefined]);
    assert.deepEqual([input.take(4), input.failure], [[4], { error }]);
    assert.deepEqual([input.exhausted, input.waiting, input.take(4)], [true, 0, []]);
  });

  it("reads no further than an array went at the call that has become longer", () => {
    const items = range(4);
    const input = open(items);
    assert.deepEqual(input.take(3), [0, 1, 2]);
    items.push(4, 5);
    assert.deepEqual([input.length, input.remaining], [4, 1]);
    assert.deepEqual(input.take(3), [3]);
    assert.equal(input.exhausted, true);
  });

  it("reads nothing more once it is ended early", async () => {
    const input = open(range(4));
    input.take(1);
    await input.cancel();
    assert.deepEqual([input.exhausted, input.waiting, input.take(3)], [true, 0, []]);
  });

  const tens: Record<string, (iterator: () => ArrayIterator<number>) => number[]> = {
    "a subclass": (iterator) => {
      class Tens extends Array<number> {
        override [Symbol.iterator] = iterator;
      }
      return Tens.from(range(5));
    },
    "a subclass whose prototype has it": (iterator) => {
      class Tens extends Array<number> {}
      Tens.prototype[Symbol.iterator] = iterator;
      return Tens.from(range(5));
    },
    "one array alone": (iterator) => Object.assign(range(5), { [Symbol.iterator]: iterator }),
  };

  for (const [name, make] of Object.entries(tens)) {
    it(`asks the iterator that ${name} has of its own, no further than it must`, async () => {
      const counts = { pulled: 0, closed: 0 };
      const input = open(make(makeTens(counts)));
      assert.equal(counts.pulled, 0);
      assert.deepEqual([input.take(2), counts.pulled], [[10, 11], 2]);
      assert.deepEqual([input.take(1), counts.pulled], [[12], 3]);
      await input.cancel();
      assert.deepEqual(counts, { pulled: 3, closed: 1 });
    });
  }

  it("gives lists of no other class than Array", () => {
    class Strict extends Array<number> {}
    const items = open(Strict.from(range(3))).take(2);
    assert.deepEqual([items, items.constructor], [[0, 1], Array]);
  });

  it("asks the iterator that all arrays have been given", () => {
    const { prototype } = Array;
    const original = prototype[Symbol.iterator];
    const items = range(5);
    const counts = { pulled: 0, closed: 0 };
    prototype[Symbol.iterator] = makeTens(counts);
    let taken: ArrayLike<unknown>;
    try {
      taken = open(items).take(2);
    } finally {
      prototype[Symbol.iterator] = original;
    }
    assert.deepEqual([taken, counts.pulled], [[10, 11], 2]);
  });

  it("asks an async iterator first", async () => {
    const later = Object.assign(range(3), {
      async *[Symbol.asyncIterator]() {
        yield* ["a", "b"];
      },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    const input = openInput(later, true, resolve);
    assert.deepEqual([input.length, input.take(5)], [undefined, []]);
    await promise;
    assert.deepEqual(input.take(5), ["a", "b"]);
  });
});

describe("openInput() of an array that is live", () => {
  const open = (items: unknown) => openInput(items, true, () => {}, true);

  it("gives what is pushed before its end is reached, in pieces", () => {
    const items = range(3);
    const input = open(items);
    assert.deepEqual([input.exhausted, input.take(2)], [false, [0, 1]]);
    items.push(...range(40).slice(3));
    assert.deepEqual([input.length, input.remaining], [40, 38]);
    assert.deepEqual(Array.from(input.take(36)), range(38).slice(2));
    assert.deepEqual(input.take(9), [38, 39]);
    assert.deepEqual([input.exhausted, input.remaining, input.length], [true, 0, 40]);
  });

  it("gives nothing of what is pushed behind its end", () => {
    const items = range(3);
    const input = open(items);
    input.take(3);
    assert.equal(input.exhausted, true);
    items.push(3);
    assert.deepEqual([input.take(3), input.waiting], [[], 0]);
  });

  it("looks for the end of an empty one when it is read, not when it is opened", () => {
    const [none, some] = [[], []] as number[][];
    const inputs = [none, some].map(open);
    assert.deepEqual(inputs.map(({ exhausted }) => exhausted), [false, false]);
    some?.push(1);
    for (const input of inputs) input.probe?.();
    assert.deepEqual(inputs.map(({ exhausted }) => exhausted), [true, false]);
    assert.deepEqual(inputs[1]?.take(5), [1]);
  });

  it("ends without an error where it ends once it has become shorter", () => {
    for (const left of [0, 3, 5]) {
      const items = range(10);
      const input = open(items);
      input.take(3);
      items.length = left;
      assert.deepEqual(input.take(9), range(left).slice(3));
      const { exhausted, failure, length } = input;
      assert.deepEqual([exhausted, failure, length], [true, undefined, Math.max(left, 3)]);
    }
  });
});

describe("openInput() of what has a length and an iterator of its own", () => {
  const open = (items: unknown) => openInput(items, true, () => {});

  /** A set that yields the numbers up to some limit, whatever it holds. */
  class Liar extends Set<number> {
    readonly #given: number;

    constructor(size: number, given: number) {
      super(range(size));
      this.#given = given;
    }

    override [Symbol.iterator](): SetIterator<number> {
      return range(this.#given).values();
    }
  }

  it("gives all that its iterator gives, and tells no length that is wrong", () => {
    const input = open(new Liar(2, 4));
    assert.deepEqual([input.length, input.remaining, input.waiting], [2, 2, 2]);
    assert.deepEqual([input.take(1), input.length, input.remaining], [[0], 2, 1]);
    assert.deepEqual([input.take(1), input.length, input.remaining], [[1], undefined, undefined]);
    assert.equal(input.waiting, Infinity);
    assert.deepEqual([input.take(5), input.exhausted], [[2, 3], true]);
  });

  it("ends at once where its iterator ends, sooner or just there", () => {
    const sooner = open(new Liar(5, 2));
    assert.deepEqual([sooner.take(2), sooner.exhausted, sooner.remaining], [[0, 1], false, 3]);
    assert.deepEqual([sooner.take(2), sooner.exhausted, sooner.remaining], [[], true, 0]);
    const there = open(new Liar(2, 2));
    assert.deepEqual([there.take(2), there.exhausted], [[0, 1], true]);
  });

  it("tells no length of a set that has grown", () => {
    const items = new Set([0, 1]);
    const input = open(items);
    items.add(2);
    assert.equal(input.length, undefined);
    assert.deepEqual([input.take(2), input.exhausted], [[0, 1], false]);
    assert.deepEqual([input.take(2), input.exhausted], [[2], true]);
  });
});

describe("probe()", () => {
  it("reads one item ahead, which the next take() gives first", () => {
    const counts = { pulled: 0, closed: 0 };
    const input = openInput(makeTens(counts)(), true, () => {});
    for (let times = 0; times < 3; times++) input.probe?.();
    assert.deepEqual([counts.pulled, input.exhausted, input.waiting], [1, false, Infinity]);
    assert.deepEqual([input.take(2), counts.pulled], [[10, 11], 2]);
    input.probe?.();
    assert.deepEqual([input.take(1), counts.pulled], [[12], 3]);
    assert.deepEqual(input.take(9), [13, 14]);
    assert.equal(input.exhausted, true);
  });

  it("finds the end, and an error behind the items", () => {
    const done = openInput([].values(), true, () => {});
    done.probe?.();
    assert.deepEqual([done.exhausted, done.failure], [true, undefined]);
    const error = new Error("torn");
    const broken = openInput(
      function* () {
        yield 1;
        throw error;
      }(),
      true,
      () => {},
    );
    broken.take(1);
    assert.deepEqual([broken.exhausted, broken.failure], [false, undefined]);
    broken.probe?.();
    assert.deepEqual([broken.exhausted, broken.failure], [true, { error }]);
  });

  it("closes an input whose item was read ahead, and drops the item", async () => {
    const counts = { pulled: 0, closed: 0 };
    const input = openInput(makeTens(counts)(), true, () => {});
    input.probe?.();
    await input.cancel();
    assert.deepEqual([input.take(5), counts], [[], { pulled: 1, closed: 1 }]);
  });

  for (const exact of [true, false]) {
    it(`has an async input read one item ahead, and tells of it, exact ${exact}`, async () => {
      let arrivals = 0;
      const counts = { pulled: 0, closed: 0 };
      async function* items() {
        yield* makeTens(counts)();
      }
      const input = openInput(items(), exact, () => arrivals++);
      for (let times = 0; times < 3; times++) input.probe?.();
      while (arrivals === 0) await Promise.resolve();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      input.probe?.();
      assert.equal(counts.pulled, 1);
      assert.deepEqual(input.take(1), [10]);
      input.take(9);
      while (counts.closed === 0) await Promise.resolve();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      assert.deepEqual([input.take(9), input.exhausted], [[11, 12, 13, 14], true]);
    });
  }
});

describe("cancel() from within a read", () => {
  /** An input that is ended by its own second item, and what came of that. */
  function makeSuicidal(next: () => IteratorResult<number>, isAsync = false) {
    const log: string[] = [];
    let closing: Promise<void> | undefined;
    let [asked, isRunning] = [0, false];
    const iterator = {
      next: () => {
        if (++asked < 2) return { done: false, value: 1 };
        isRunning = true;
        closing = input.cancel();
        try {
          return next();
        } finally {
          isRunning = false;
        }
      },
      return: () => {
        if (isRunning) throw new TypeError("already running");
        log.push("closed");
        return { done: true, value: undefined };
      },
    };
    const key = isAsync ? Symbol.asyncIterator : Symbol.iterator;
    const input: TaskInput = openInput({ [key]: () => iterator }, true, () => {});
    return { input, log, closing: () => closing };
  }

  it("closes the input when the read is over, and drops all that it gave", async () => {
    const { input, log, closing } = makeSuicidal(() => ({ done: false, value: 2 }));
    assert.deepEqual(input.take(5), []);
    await closing();
    assert.deepEqual([log, input.exhausted, input.take(5)], [["closed"], true, []]);
    await input.cancel();
    assert.deepEqual(log, ["closed"]);
  });

  it("closes no input that ended with the read", async () => {
    const { input, log, closing } = makeSuicidal(() => ({ done: true, value: undefined }));
    assert.deepEqual(input.take(5), []);
    await closing();
    assert.deepEqual([log, input.exhausted], [[], true]);
  });

  it("tells the code that ended it what the read threw, and closes nothing", async () => {
    const { input, log, closing } = makeSuicidal(() => {
      throw new EvalError("torn");
    });
    assert.deepEqual([input.take(5), input.failure], [[], undefined]);
    await assert.rejects(Promise.resolve(closing()), EvalError);
    assert.deepEqual(log, []);
  });

  it("closes an async input that could not be closed while it ran", async () => {
    const { input, log } = makeSuicidal(() => ({ done: false, value: 2 }), true);
    input.take(5);
    while (log.length === 0) await Promise.resolve();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    assert.deepEqual([log, input.exhausted, input.take(5)], [["closed"], true, []]);
  });
});
