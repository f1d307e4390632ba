import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ownArguments, withoutLargeBuffers } from "../../../core/wire/views.ts";
import { cloneDifference } from "../../fixtures/values/clone_difference.ts";

const large = new ArrayBuffer(1 << 20);

/** A view of a small part of a large buffer. */
const part = (at = 0) => new Uint8Array(large, at, 8);

/** What is sent instead of the one value of a task. */
function sent(value: unknown, transfer: readonly Transferable[] = []): unknown {
  return withoutLargeBuffers([value], { areLists: false, transfer, handed: [] })[0];
}

const sizeOf = (view: unknown) => Object(view).buffer.byteLength;

describe("withoutLargeBuffers()", () => {
  it("copies a view of a small part, whatever its kind, and its bytes", () => {
    new Uint8Array(large).set([1, 2, 3, 4], 64);
    for (const Kind of [Uint8Array, Uint8ClampedArray, Int16Array, Float64Array, BigInt64Array]) {
      const view = new Kind(large, 64, 2);
      const copy = sent(view);
      assert.deepEqual([copy, sizeOf(copy)], [view, view.byteLength]);
      assert.equal(Object(copy).constructor, Kind);
    }
    const copy = sent(new DataView(large, 64, 4));
    assert(copy instanceof DataView);
    assert.deepEqual([copy.getUint8(1), sizeOf(copy)], [2, 4]);
    assert.equal(sizeOf(sent(new Uint8Array(large, 64, 0))), 0);
  });

  it("copies one that stands in a list or a plain object, and leaves that as it is", () => {
    const list = [1, part(), "x"];
    const object = { id: 1, bytes: part(), tags: ["a"] };
    const [first, second] = [sent(list), sent(object)];
    assert.deepEqual([first, second], [list, object]);
    assert.deepEqual([sizeOf(Object(first)[1]), sizeOf(Object(second).bytes)], [8, 8]);
    assert.deepEqual([sizeOf(list[1]), sizeOf(object.bytes)], [1 << 20, 1 << 20]);
    const bare = Object.assign(Object.create(null), { bytes: part() });
    assert.equal(sizeOf(Object(sent(bare)).bytes), 8);
  });

  it("looks into each argument of a list", () => {
    const args = [part(), { bytes: new Uint8Array(new ArrayBuffer(1 << 20), 0, 8) }, 1];
    const [bytes, object, one] = ownArguments(args);
    assert.deepEqual([sizeOf(bytes), sizeOf(Object(object).bytes), one], [8, 8, 1]);
  });

  it("leaves as it is what stands beside a view, such as a long list", () => {
    const long = Array.from({ length: 5_000 }, (_, n) => ({ n }));
    const [bytes, list] = ownArguments([part(), long]);
    assert.equal(sizeOf(bytes), 8);
    assert.ok(list === long);
    // A view of the same buffer is seen within it as well.
    const [shared] = ownArguments([part(), [...long, [part(64)]]]);
    assert.equal(sizeOf(shared), 1 << 20);
  });

  it("hands over large copies, and small ones not", () => {
    const handed: ArrayBuffer[] = [];
    const huge = new Uint8Array(1 << 20).subarray(0, 1 << 17);
    const [copy] = withoutLargeBuffers([huge], { areLists: false, transfer: [], handed });
    assert.deepEqual(handed, [Object(copy).buffer]);
    assert.notEqual(handed[0], huge.buffer);
    withoutLargeBuffers([part()], { areLists: false, transfer: [], handed });
    assert.equal(handed.length, 1);
  });

  const shared = new Uint8Array(new SharedArrayBuffer(1 << 20), 0, 8);
  const growing = new Uint8Array(new ArrayBuffer(1 << 20, { maxByteLength: 1 << 21 }), 0, 8);
  const view = part();
  const cyclic: { bytes: Uint8Array; self?: unknown } = { bytes: part() };
  cyclic.self = cyclic;
  const inner = { bytes: part() };
  const kept: Readonly<Record<string, unknown>> = {
    "a view of half of its buffer": new Uint8Array(large, 0, 1 << 19),
    "shared memory": shared,
    "memory that may grow": growing,
    "two views of one buffer": [part(), part(64)],
    "one view that is there twice": [view, view],
    "a view and its buffer": { buffer: large, bytes: part() },
    "a view and, deeper, another": [part(), [[part(64)]]],
    "a view and, in a map, another": [part(), new Map([["a", new Set([part(64)])]])],
    "views deeper than that": [[part()]],
    "an object that holds itself": cyclic,
    "objects of a class": new class Box {
      bytes = part();
    }(),
    "an object that is there twice": [inner, inner],
    "a list with holes": Object.assign([part()], { length: 3 }),
    "a list with a property": Object.assign([part()], { key: 1 }),
    "a list without views": [1, "a", null, undefined, { a: 1 }],
    "a text": "text",
    "nothing": null,
  };
  for (const [name, value] of Object.entries(kept)) {
    it(`leaves alone ${name}`, () => assert.ok(sent(value) === value));
  }

  it("leaves alone what its owner hands over, and copies the rest", () => {
    const other = new Uint8Array(1 << 20).subarray(0, 8);
    const [one, two] = sent([part(), other], [large]) as unknown[];
    assert.deepEqual([sizeOf(one), sizeOf(two)], [1 << 20, 8]);
  });

  it("throws what the platform says of a value that cannot be read", () => {
    const refuse = () => {
      throw new RangeError("refused");
    };
    const proxy = new Proxy({}, { get: refuse, getPrototypeOf: refuse, ownKeys: refuse });
    // Deno runs traps before it refuses.
    const name = /^(DataCloneError|RangeError)$/;
    assert.throws(() => structuredClone(proxy), { name });
    assert.throws(() => sent(proxy), { name });
    const getter = {
      bytes: part(),
      get odd() {
        return refuse();
      },
    };
    assert.throws(() => sent(getter), { name: "RangeError", message: "refused" });
    let reads = 0;
    const once = {
      get odd() {
        return reads++ === 0 ? refuse() : part();
      },
    };
    assert.throws(() => sent(once), { name: "RangeError" });
  });

  it("sends what the value itself would have been", () => {
    const kinds = { withTypedArray: true, withMap: true, withSet: true, withDate: true };
    fc.assert(fc.property(fc.anything(kinds), (value) => {
      const object = { value, bytes: part() };
      const arrived = structuredClone(sent(object));
      // Its own copy of the bytes; all else as a clone of the whole.
      const expected = { ...structuredClone({ value }), bytes: part().slice() };
      assert.equal(cloneDifference(arrived, expected), undefined);
    }));
  });

  it("refuses what some platforms would make empty, as the others do", () => {
    const { signal } = new AbortController();
    const url = "http://localhost/";
    const emptied = [new URL(url), new URLSearchParams(), new Headers(), new Request(url), signal];
    for (const value of [...emptied, new Response()]) {
      const error = { name: "DataCloneError" };
      assert.throws(() => sent(value), error);
      assert.throws(() => ownArguments([1, value]), error);
      // Deeper ones are the platform's own affair.
      assert.deepEqual(sent({ value }), { value });
    }
    assert.deepEqual(sent({ [Symbol.toStringTag]: "URL" }), { [Symbol.toStringTag]: "URL" });
  });
});
