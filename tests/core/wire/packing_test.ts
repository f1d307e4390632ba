import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  isPacked,
  MIN_PACKED,
  pack,
  type Packed,
  restoreInts,
  unpack,
  wrap,
} from "../../../core/wire/packing.ts";
import { pollute } from "../../fixtures/tasks/hostile_thread.ts";
import { cloneDifference, listDifference } from "../../fixtures/values/clone_difference.ts";
import { EDGES, twisted, twistedLists, twists } from "../../fixtures/values/packing_values.ts";

function listOf<T>(element: (at: number) => T): T[] {
  return Array.from({ length: MIN_PACKED }, (_, at) => element(at));
}

/** Lists that are packed, each in another way; `objects` has columns of all kinds. */
const packed = {
  ints: listOf((at) => at - 7),
  floats: listOf((at) => at / 2),
  objects: listOf((at) => ({ a: at, b: at / 2, c: `${at}`, d: at % 2 === 0 ? null : 7n })),
};

/** Rows of JSON: what is within them stays as it is. */
const rows = listOf((at) => ({
  a: at % 3 === 0 ? [at, "two"] : at % 3 === 1 ? { b: at, c: null } : at,
  b: [],
  c: {},
}));

class Point {
  readonly x: number;
  #y = 0;

  constructor(x: number) {
    this.x = x;
  }

  get y(): number {
    return this.#y;
  }
}

class Strict extends Array<number> {}

function argumentsOf(..._args: unknown[]): unknown {
  return arguments;
}

/** Objects that have keys, and are not plain ones; or have none. */
const kinds: Readonly<Record<string, (at: number) => unknown>> = {
  "empty objects": () => ({}),
  "lists": (at) => [at, at + 1],
  "lists of a class": (at) => Strict.of(at, 1),
  "arguments": (at) => argumentsOf(at, "two"),
  "objects without a prototype": (at) => Object.assign(Object.create(null), { at }),
  "objects that inherit": (at) => Object.assign(Object.create({ base: 1 }), { at }),
  "instances": (at) => new Point(at),
  "bytes": (at) => Uint8Array.of(at, 1),
  "boxed texts": (at) => Object(`${at}`.padEnd(2)),
  "dates with a key": (at) => Object.assign(new Date(at), { at }),
  "maps with a key": (at) => Object.assign(new Map([[at, 1]]), { at }),
  "errors with a key": (at) => Object.assign(new RangeError("odd"), { at }),
  "functions with a key": (at) => Object.assign(() => 1, { at }),
  "promises with a key": (at) => Object.assign(Promise.resolve(), { at }),
  "symbols": () => Symbol("s"),
};

/** In which form values travel. */
function formOf(form: Packed): string {
  if (form instanceof Int32Array) return "ints";
  if (form instanceof Float64Array) return "floats";
  return "columns" in form ? "objects" : "list";
}

/** What becomes of values on the way: a list, or what it threw. */
function outcomeOf(
  cross: () => ArrayLike<unknown>,
): { list?: ArrayLike<unknown>; error?: unknown } {
  try {
    return { list: cross() };
  } catch (error) {
    return { error };
  }
}

/** Fails unless values come out as they do of a structured clone; tells in which form they went. */
function assertCrosses(values: readonly unknown[]): string {
  let form = "none";
  const { list: expected, error: refusal } = outcomeOf(() => structuredClone(values));
  const { list, error } = outcomeOf(() => {
    const sent = pack(values);
    form = formOf(sent);
    const arrived: unknown = structuredClone(sent);
    assert(isPacked(arrived, values.length), "it is refused where it arrives");
    return unpack(arrived);
  });
  if (expected === undefined || list === undefined) {
    assert.equal(nameOf(error), nameOf(refusal));
    return "none";
  }
  assert.equal(listDifference(list, expected), undefined);
  return form;
}

function nameOf(error: unknown): string {
  if (error instanceof assert.AssertionError) throw error;
  return error === undefined ? "no error" : String(Object(error).name);
}

/** Runs something while objects inherit one thing more. */
function whilePolluted(key: string, run: () => void): void {
  pollute(Object.prototype, key, "inherited");
  try {
    run();
  } finally {
    Reflect.deleteProperty(Object.prototype, key);
  }
}

describe("pack() and unpack()", () => {
  it("pack() brings many numbers and objects of one kind into a form of their own", () => {
    for (const [form, values] of Object.entries(packed)) assert.equal(assertCrosses(values), form);
    assert.equal(assertCrosses(rows), "objects");
    const { columns } = Object(pack(packed.objects));
    const classes = columns.map((column: object) => column.constructor);
    assert.deepEqual(classes, [Int32Array, Float64Array, Array, Array]);
  });

  it("pack() leaves few values as they are", () => {
    for (const values of Object.values(packed)) {
      const few = values.slice(1);
      assert.equal(pack(few), few);
    }
    assert.deepEqual(pack([]), []);
  });

  it("pack() keeps every number at the edges, beside integers and beside floats", () => {
    for (const edge of EDGES) {
      for (const values of [packed.ints, packed.floats]) {
        for (const at of [0, 9, MIN_PACKED - 1]) {
          const numbers = values.with(at, edge);
          const form = assertCrosses(numbers);
          const isInt = Object.is(edge | 0, edge);
          assert.equal(form, isInt && values === packed.ints ? "ints" : "floats");
          assertCrosses(numbers.map((a) => ({ a })));
        }
      }
    }
  });

  for (const name of Object.keys(twists)) {
    it(`pack() and unpack() do as a structured clone with ${name} among the values`, () => {
      const strings = packed.floats.map(String);
      for (const values of [...Object.values(packed), rows, strings]) {
        for (const at of [0, 9, MIN_PACKED - 1]) assertCrosses(twisted(values, name, at));
      }
    });
  }

  for (const [name, make] of Object.entries(kinds)) {
    it(`pack() and unpack() do as a structured clone with nothing but ${name}`, () => {
      assertCrosses(listOf(make));
      for (const at of [0, 9, MIN_PACKED - 1]) {
        // The first object decides how the others are looked at.
        assertCrosses(listOf(make).with(at, { ...Object(make(at)) }));
        assertCrosses(listOf((n): unknown => ({ ...Object(make(n)) })).with(at, make(at)));
      }
    });
  }

  it("pack() and unpack() do as a structured clone, whatever the values are", () => {
    const forms = { ints: 0, floats: 0, objects: 0, list: 0, none: 0 };
    const check = (values: unknown[]) => {
      forms[assertCrosses(values) as keyof typeof forms]++;
    };
    fc.assert(fc.property(twistedLists, check), { numRuns: 1000 });
    for (const [form, count] of Object.entries(forms)) assert(count >= 10, `${form}: ${count}`);
  });

  it("pack() keeps one object one, even if it gives a greater number each time", () => {
    let reads = 0;
    const counter = {
      get reads() {
        return ++reads;
      },
    };
    const arrived = unpack(structuredClone(pack(new Array(40).fill(counter))));
    assert.equal(arrived[39], arrived[0]);
  });

  it("pack() runs no getter of objects that it looks at and does not pack", () => {
    let reads = 0;
    const values = packed.objects.map((object) =>
      Object.defineProperty({ ...object }, "c", { enumerable: true, get: () => ++reads })
    );
    assert.equal(formOf(pack(values)), "list");
    assert.equal(reads, 0);
  });

  it("pack() keeps objects that a list holds twice one object", () => {
    const twice: unknown[] = packed.objects.with(3, Object(packed.objects[0]));
    const arrived = unpack(structuredClone(pack(twice)));
    assert.equal(arrived[3], arrived[0]);
    assert.notEqual(arrived[3], arrived[2]);
  });

  it("pack() keeps the order of keys, where it is not that in which they were set", () => {
    const values = listOf((at) => ({ b: at, 10: at, a: at, 2: at }));
    assert.equal(assertCrosses(values), "objects");
    assert.deepEqual(Object.keys(Object(unpack(pack(values))[5])), ["2", "10", "b", "a"]);
  });

  it("unpack() makes plain objects that may be changed, also of frozen ones", () => {
    const values = listOf((at) => Object.freeze({ a: at }));
    assert.equal(assertCrosses(values), "objects");
    assert.equal(Object.isFrozen(unpack(pack(values))[0]), false);
  });

  it("pack() packs objects of 16 keys, and none of more", () => {
    const wide = (keys: number) =>
      listOf((at) => Object.fromEntries(Array.from({ length: keys }, (_, key) => [`k${key}`, at])));
    assert.deepEqual([16, 17].map((keys) => assertCrosses(wide(keys))), ["objects", "list"]);
  });

  it("pack() and unpack() do as a structured clone while objects inherit a value", () => {
    for (const key of ["a", "columns", "keys", "sample", "length", "0", "value", "get"]) {
      whilePolluted(key, () => {
        for (const values of [...Object.values(packed), rows, packed.floats.map(String)]) {
          assertCrosses(values);
          assertCrosses(values.map((value) => ({ [key]: value })));
        }
      });
    }
  });

  it("unpack() makes properties of keys that only the receiving thread's objects inherit", () => {
    const sent = structuredClone(pack(packed.objects));
    whilePolluted("b", () => {
      assert(isPacked(sent, MIN_PACKED));
      assert.equal(listDifference(unpack(sent), packed.objects), undefined);
    });
  });

  it("unpack() takes no list for columns where objects have come to inherit some", () => {
    for (const values of [packed.ints, packed.floats.map(String)]) {
      const arrived = structuredClone(pack(values));
      whilePolluted("columns", () => assert.deepEqual([...unpack(arrived)], values));
    }
  });

  it("pack() refuses nothing that was read once: a getter's error is the caller's to see", () => {
    const error = new RangeError("no entry");
    const values = packed.objects.map((object, at) =>
      at !== 9 ? object : Object.defineProperty({ ...object }, "c", {
        enumerable: true,
        get: () => {
          throw error;
        },
      })
    );
    assert.throws(() => pack(values), error);
  });

  it("pack() fills holes, as they cost engines much, in a list that it cannot pack", () => {
    const values = packed.floats.map(String);
    delete values[7];
    const sent = pack(values);
    assert(Array.isArray(sent) && 7 in sent);
    assert.equal(7 in values, false);
  });
});

describe("restoreInts()", () => {
  it("restoreInts() gives the same numbers", () => {
    const numbers = fc.array(fc.oneof(fc.integer(), fc.double(), fc.constantFrom(...EDGES)));
    const check = (values: number[]) => {
      assert.equal(cloneDifference(restoreInts(Float64Array.from(values)), values), undefined);
    };
    fc.assert(fc.property(numbers, check));
    check([...EDGES]);
  });
});

describe("isPacked()", () => {
  const keys = ["a", "b"];
  const columns = [[1, 2], ["x", "y"]];

  it("isPacked() takes what pack() makes, up to the limit", () => {
    for (const values of [[], ...Object.values(packed), packed.floats.map(String)]) {
      const arrived: unknown = structuredClone(pack(values));
      assert.equal(isPacked(arrived, values.length), true);
      assert.equal(isPacked(arrived, values.length - 1), false);
    }
    assert.equal(isPacked({ keys, columns }, 2), true);
  });

  const hostile: Record<string, unknown> = {
    "nothing": undefined,
    "null": null,
    "a number": 1,
    "a text": "ab",
    "a function": () => {},
    "an empty object": {},
    "an object with a length": { length: 1, 0: 1 },
    "a DataView": new DataView(new ArrayBuffer(8)),
    "bytes": new Uint8Array(2),
    "big integers": new BigInt64Array(2),
    "columns without keys": { columns },
    "keys without columns": { keys },
    "no keys and no columns": { keys: [], columns: [] },
    "a column less than keys": { keys, columns: columns.slice(1) },
    "a column more than keys": { keys: ["a"], columns },
    "columns of two lengths": { keys, columns: [[1, 2], [1]] },
    "a longer column first": { keys, columns: [[1, 2, 3], [1, 2]] },
    "a typed column of another length": { keys, columns: [[1, 2], new Int32Array(3)] },
    "a column that is a text": { keys, columns: [[1, 2], "xy"] },
    "a column that is bytes": { keys, columns: [[1, 2], new Uint8Array(2)] },
    "a column that only has a length": { keys, columns: [[1, 2], { length: 2 }] },
    "a hole among the columns": { keys, columns: [[1, 2], ...new Array(1)] },
    "holes for columns": { keys, columns: new Array(2) },
    "a first column that is a hole": { keys, columns: Object.assign(new Array(2), { 1: [1] }) },
    "a hole among the keys": { keys: Object.assign(new Array(2), { 0: "a" }), columns },
    "millions of holes for keys": { keys: new Array(5_000_000), columns },
    "a key that is a number": { keys: ["a", 1], columns },
    "keys that are a text": { keys: "ab", columns },
    "keys that are no list": { keys: { length: 2, 0: "a", 1: "b" }, columns },
    "numbers that their sender can still change": new Int32Array(new SharedArrayBuffer(8)),
    "the key __proto__": { keys: ["a", "__proto__"], columns },
    "17 keys": {
      keys: Array.from({ length: 17 }, (_, at) => `k${at}`),
      columns: Array.from({ length: 17 }, () => [1]),
    },
    "a list of holes that is too long": new Array(1_000_000),
    "a column of holes that is too long": { keys: ["a"], columns: [new Array(1_000_000)] },
    "too many numbers": new Int32Array(1001),
    "too many floats": { keys: ["a"], columns: [new Float64Array(1001)] },
  };

  for (const [name, value] of Object.entries(hostile)) {
    it(`isPacked() refuses ${name}`, () => assert.equal(isPacked(value, 1000), false));
  }

  it("isPacked() refuses what getters give as soon as it is a message: a clone has none", () => {
    let reads = 0;
    const flaky = {
      keys: ["a"],
      get columns(): unknown {
        return reads++ === 0 ? [[1, 2], [1]] : [[1, 2]];
      },
    };
    assert.equal(isPacked(structuredClone(flaky), 1000), false);
    assert.equal(isPacked(flaky, 1000), true);
  });

  it("isPacked() lets nothing pass that unpack() makes more or less of than the limit", () => {
    const part = fc.oneof(
      fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 }),
      fc.array(fc.array(fc.integer(), { maxLength: 2 }), { maxLength: 3 }),
      fc.int32Array({ maxLength: 3 }),
      fc.anything(),
    );
    let passed = 0;
    const check = (value: unknown, limit: number) => {
      if (!isPacked(value, limit)) return;
      passed++;
      const { length } = unpack(value);
      assert(Number.isInteger(length) && length <= limit);
    };
    const shapes = fc.oneof(part, fc.record({ keys: part, columns: part }), fc.anything());
    fc.assert(fc.property(shapes, fc.nat(5), check), { numRuns: 2000 });
    assert(passed > 50, `${passed} passed`);
  });
});

describe("wrap()", () => {
  const BYTES = 1 << 16;
  const alone = (value: unknown, transfer: readonly Transferable[] = []) => {
    const parcel = wrap([value], transfer);
    const [arrived] = unpack(structuredClone(parcel.packed, { transfer: [...parcel.transfer] }));
    return { parcel, arrived };
  };

  it("copies a large typed array that is alone, and hands over the copy", () => {
    class Subclass extends Uint8Array {}
    const whole = [
      new Uint8Array(BYTES).fill(7),
      new Float64Array(BYTES).fill(-0),
      new Subclass(BYTES).fill(5),
      new DataView(new ArrayBuffer(BYTES)),
    ];
    for (const values of whole) {
      const { parcel, arrived } = alone(values);
      assert.equal(parcel.transfer.length, 1);
      assert.notEqual(parcel.transfer[0], values.buffer);
      assert.deepEqual(arrived, structuredClone(values));
      assert.equal(values.byteLength > 0, true);
    }
  });

  it("leaves to the platform what is small, not whole, or may change", () => {
    const resizable = new ArrayBuffer(BYTES, { maxByteLength: 2 * BYTES });
    const others = {
      small: new Uint8Array(BYTES - 1),
      "a part of its memory": new Uint8Array(2 * BYTES).subarray(BYTES),
      "shared memory": new Uint8Array(new SharedArrayBuffer(BYTES)),
      "memory that may grow": new Uint8Array(resizable),
      "a buffer itself": new ArrayBuffer(BYTES),
    };
    for (const [name, value] of Object.entries(others)) {
      const { parcel, arrived } = alone(value);
      assert.deepEqual(parcel.transfer, [], name);
      assert.deepEqual(arrived, structuredClone(value), name);
    }
    const two = [new Uint8Array(BYTES), new Uint8Array(BYTES)];
    assert.deepEqual(wrap(two, []), { packed: two, transfer: [], isShallow: false });
  });

  it("hands over what its owner hands over, without a copy", () => {
    const values = new Uint8Array(BYTES);
    const { parcel, arrived } = alone(values, [values.buffer]);
    assert.deepEqual([parcel.transfer.length, values.length], [1, 0]);
    assert.equal(Object(arrived).length, BYTES);
  });

  it("hands over what it packed, and nothing that was packed before", () => {
    const { packed, transfer } = wrap(Array.from({ length: MIN_PACKED }, (_, n) => n), []);
    assert(packed instanceof Int32Array);
    assert.deepEqual(transfer, [packed.buffer]);
    assert.deepEqual(wrap(packed, []), { packed, transfer: [], isShallow: true });
  });
});
