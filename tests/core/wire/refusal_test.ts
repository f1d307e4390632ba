import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explain, explainSlab, locate } from "../../../core/wire/refusal.ts";
import { nest } from "../../fixtures/tasks/values.ts";

const cyclic: Record<string, unknown> = { run: () => 1 };
cyclic["self"] = cyclic;

describe("locate()", () => {
  const proxy = new Proxy({ a: 1 }, {});
  const culprits: Readonly<Record<string, unknown>> = {
    "argument 2: a function": () => 1,
    "argument 2: a symbol": Symbol("s"),
    "argument 2: a Promise": Promise.resolve(1),
    "argument 2: a WeakMap": new WeakMap(),
    "argument 2, .options.onDone: a function": { id: 1, options: { onDone() {} } },
    "argument 2, [1].x: a symbol": [0, { x: Symbol.iterator }],
    'argument 2, ["a-b"]: a function': { "a-b": () => 1 },
    'argument 2, .get("k").run: a function': new Map([["k", { run: () => 1 }]]),
    "argument 2, .values()[0]: a function": new Set([[() => 1]]),
    "argument 2, .run: a function": cyclic,
    "argument 2, .a.b: an object that cannot be cloned, such as a proxy": { a: { b: proxy } },
    "argument 2: an object that cannot be cloned, such as a proxy": proxy,
    "argument 2, .later: a Promise": { later: Promise.resolve() },
    "argument 2: nested too deeply": { value: nest(5_000) },
  };
  for (const [place, value] of Object.entries(culprits)) {
    it(`says ${place}`, () => assert.equal(locate(value, "argument 2"), place));
  }

  it("says nothing of what can be cloned, or does not let itself be looked at", () => {
    const refuse = () => {
      throw new Error("refused");
    };
    const hostile = new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse });
    const fine = [1, "text", null, { a: [new Map(), new Date(), new Uint8Array(2)] }];
    for (const value of [...fine, hostile]) assert.equal(locate(value, "result"), undefined);
  });

  it("gives up on what is too large to be looked through", () => {
    const large = Array.from({ length: 20_000 }, (_, n): unknown => n < 19_999 ? n : () => n);
    const start = performance.now();
    assert.ok([undefined, "result, [19999]: a function"].includes(locate(large, "result")));
    assert.ok(performance.now() - start < 5_000);
  });
});

describe("explain()", () => {
  const refused = new DOMException("() => 1 could not be cloned.", "DataCloneError");

  it("adds to the platform's error where the culprit lies", () => {
    const values = [["argument 1", 1], ["argument 2", { run: () => 1 }]] as const;
    const error = explain(refused, values);
    assert(error instanceof DOMException);
    assert.equal(error.name, "DataCloneError");
    assert.equal(error.message, "() => 1 could not be cloned: argument 2, .run: a function");
  });

  it("makes an engine's error of what is nested too deeply one of cloning", () => {
    const values = [["argument 1", {}], ["items[3]", nest(5_000)]] as const;
    const error = explain(new RangeError("stack"), values);
    assert(error instanceof DOMException);
    assert.match(error.message, /nested too deeply to be cloned: items\[3\]$/);
  });

  it("leaves alone what it cannot explain, and what is the caller's own", () => {
    const own = new RangeError("thrown by a getter");
    const other = new DOMException("aborted", "AbortError");
    for (const error of [own, other, refused]) {
      assert.equal(explain(error, [["items[0]", 1]]), error);
    }
  });
});

describe("explainSlab()", () => {
  it("speaks of a buffer that holds more than the view that was to be handed over", () => {
    const view = new Uint8Array(64).subarray(8, 16);
    assert.match(explainSlab(view, [view.buffer]) ?? "", /Buffers of Node.*new Uint8Array/);
    const whole = new Uint8Array(8);
    for (
      const [value, list] of [[view, []], [whole, [whole.buffer]], [{}, [view.buffer]]] as const
    ) {
      assert.equal(explainSlab(value, list), undefined);
    }
  });
});
