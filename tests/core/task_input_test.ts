import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openInput } from "../../core/task_input.ts";

describe("openInput()", () => {
  it("knows the length of what has one by construction", () => {
    const known = [[1, 2], new Set([1, 2]), new Uint8Array(2), new Map([[1, 1], [2, 2]])];
    for (const items of known) {
      const input = openInput(items, true, () => {});
      assert.deepEqual([input.length, input.waiting], [2, 2]);
      assert.equal(input.take(1).items.length, 1);
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
    assert.deepEqual(input.take(5), { items: [1], failure: { error } });
    assert.equal(input.exhausted, true);
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
    assert.deepEqual(input.take(5), { items: [] });
    await promise;
    assert.deepEqual(input.take(5), { items: [1, 2], failure: { error } });
    assert.equal(input.exhausted, true);
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
    // What an array's iterator has beyond a generator is nothing that anybody reads.
  } as unknown as () => ArrayIterator<number>;
}

describe("openInput() of an array", () => {
  const open = (items: unknown) => openInput(items, true, () => {});

  it("gives its elements in pieces, the last one shorter", () => {
    const input = open(range(7));
    assert.deepEqual([3, 3, 3].map((limit) => input.take(limit).items), [
      [0, 1, 2],
      [3, 4, 5],
      [6],
    ]);
    assert.deepEqual([input.exhausted, input.remaining, input.waiting], [true, 0, 0]);
    assert.deepEqual(input.take(3), { items: [] });
  });

  it("gives undefined for holes, as an iterator does", () => {
    const items = [0, , 2, undefined, ,];
    const input = open(items);
    const taken = [...input.take(2).items, ...input.take(9).items];
    assert.deepEqual(taken, [...items]);
    assert.deepEqual([taken.length, input.exhausted], [5, true]);
  });

  it("reads an element no sooner than it is taken, and once", () => {
    const items = range(6);
    const input = open(items);
    const { items: first } = input.take(2);
    items[1] = 71;
    items[2] = 72;
    assert.deepEqual([first, input.take(2).items], [[0, 1], [72, 3]]);
  });

  it("ends where an array ends that has become shorter", () => {
    for (const left of [0, 2, 3, 5]) {
      const items = range(10);
      const input = open(items);
      assert.deepEqual(input.take(3).items, [0, 1, 2]);
      items.length = left;
      // Whoever gets fewer than asked for does not ask again.
      assert.deepEqual(input.take(4).items, range(left).slice(3));
      assert.deepEqual([input.exhausted, input.waiting], [true, 0]);
    }
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
    assert.deepEqual(input.take(4), { items: [0, 1, 2, 3] });
    assert.deepEqual(input.take(4), { items: [4], failure: { error } });
    assert.deepEqual([input.exhausted, input.waiting, input.take(4)], [true, 0, { items: [] }]);
  });

  it("reads no further than an array went at the call that has become longer", () => {
    const items = range(4);
    const input = open(items);
    assert.deepEqual(input.take(3).items, [0, 1, 2]);
    items.push(4, 5);
    assert.deepEqual([input.length, input.remaining], [4, 1]);
    assert.deepEqual(input.take(3).items, [3]);
    assert.equal(input.exhausted, true);
  });

  it("reads nothing more once it is ended early", async () => {
    const input = open(range(4));
    input.take(1);
    await input.cancel();
    assert.deepEqual([input.exhausted, input.waiting, input.take(3).items], [true, 0, []]);
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
      assert.deepEqual([input.take(2).items, counts.pulled], [[10, 11], 2]);
      assert.deepEqual([input.take(1).items, counts.pulled], [[12], 3]);
      await input.cancel();
      assert.deepEqual(counts, { pulled: 3, closed: 1 });
    });
  }

  it("gives lists of no other class than Array", () => {
    class Strict extends Array<number> {}
    const { items } = open(Strict.from(range(3))).take(2);
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
      taken = open(items).take(2).items;
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
    assert.deepEqual([input.length, input.take(5).items], [undefined, []]);
    await promise;
    assert.deepEqual(input.take(5).items, ["a", "b"]);
  });
});
