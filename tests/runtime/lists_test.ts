import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Packed } from "../../core/wire/packing.ts";
import type { FromWorker, ToWorker } from "../../core/wire/protocol.ts";
import { Assembly, takeApart } from "../../runtime/lists.ts";
import { run } from "./messages.ts";

const texts = Array.from({ length: 40 }, (_, n) => `text ${n}`);
const shared = { x: 1 };

/** Values that go together, and how many lists of them go ahead. */
const PACKED: Readonly<Record<string, readonly [packed: Packed, lists: number]>> = {
  "a long list": [texts, 1],
  "a list that is the one value": [[texts], 1],
  "a list with holes and a name of its own": [[Object.assign(new Array(40), { name: 1 })], 1],
  "a list that holds itself": [[cyclic()], 1],
  "a short list": [texts.slice(0, 5), 0],
  "a value that only looks like what is left of a list": [[{ sole: 0 }], 0],
  "numbers": [Float64Array.of(1.5, 2.5), 0],
  "columns of texts and numbers": [
    { keys: ["a", "b"], columns: [texts, Int32Array.from(texts.keys())], sample: {} },
    1,
  ],
  "columns that hold the same object": [
    { keys: ["a", "b"], columns: [texts.map(() => shared), texts.map(() => shared)], sample: {} },
    0,
  ],
};

function cyclic(): unknown[] {
  const list: unknown[] = [...texts];
  list[7] = list;
  return list;
}

function results(values: Packed): FromWorker {
  return { kind: "results", chunk: 3, from: 0, values, errors: [], ended: true, elapsed: 1 };
}

/** Sends messages as they are sent on Bun; gives what arrives. */
function cross(messages: readonly (FromWorker | ToWorker)[], assembly = new Assembly()): unknown[] {
  return messages.flatMap((message) => {
    const parts = takeApart(message, false);
    const sent = parts === undefined ? [message] : [...parts.lists, parts.rest];
    return sent.map((part) => assembly.take(structuredClone(part)))
      .filter((whole) => whole !== undefined);
  });
}

describe("Messages whose lists go ahead", () => {
  for (const [name, [packed, lists]] of Object.entries(PACKED)) {
    it(`arrive as they would in one: ${name}`, () => {
      const messages = [results(packed), run("n => n", [], { items: packed }), results([1])];
      assert.equal(takeApart(results(packed), false)?.lists.length ?? 0, lists);
      assert.deepEqual(cross(messages), structuredClone(messages));
    });
  }

  it("keep one object one, in the list and in all columns", () => {
    const packed = PACKED["columns that hold the same object"]?.[0];
    const [message] = cross([results(packed ?? [])]) as [{ values: { columns: unknown[][] } }];
    const [a, b] = message.values.columns;
    assert.equal(a?.[0], b?.[39]);
  });

  it("keep several chunks apart", () => {
    const chunks = [texts, [1], texts.slice(0, 33)].map((items) => run("n => n", items));
    const all = chunks.flatMap((message) => message.kind === "run" ? message.chunks : []);
    const message: ToWorker = { kind: "run", chunks: all };
    assert.deepEqual(cross([message]), [structuredClone(message)]);
  });

  it("stay whole where something in them is handed over", () => {
    assert.equal(takeApart(results(texts), true), undefined);
  });

  it("are none if a list of them could not be read: that was told when it arrived", () => {
    const assembly = new Assembly();
    const parts = takeApart(results(texts), false);
    assert.equal(assembly.take(parts?.rest), undefined);
    assert.deepEqual(cross([results(texts)], assembly), [results(texts)]);
  });

  it("take no lists of a message whose rest could not be sent", () => {
    const assembly = new Assembly();
    assert.equal(assembly.take(["left", "over"]), undefined);
    assert.deepEqual(cross([results(texts), results([1])], assembly), [
      results(texts),
      results([1]),
    ]);
  });

  it("do not look for what was given to all objects", () => {
    const everybody: object = Object.prototype;
    Object.defineProperty(everybody, "lists", { value: 1, configurable: true });
    try {
      assert.deepEqual(cross([results([1]), { kind: "ready" }]), [results([1]), { kind: "ready" }]);
    } finally {
      Reflect.deleteProperty(everybody, "lists");
    }
  });
});
