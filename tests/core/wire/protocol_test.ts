import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isFromWorker } from "../../../core/wire/protocol.ts";

const KINDS = ["ready", "initFailed", "loading", "loadFailed", "began", "results", "report"];

describe("isFromWorker()", () => {
  it("never throws, whatever a worker sends", () => {
    const check = (data: unknown) => assert.equal(typeof isFromWorker(data), "boolean");
    const message = fc.record({
      kind: fc.constantFrom(...KINDS),
      chunk: fc.oneof(fc.nat(), fc.anything()),
      from: fc.oneof(fc.nat(), fc.anything()),
      position: fc.anything(),
      values: fc.oneof(fc.array(fc.anything()), fc.anything()),
      errors: fc.oneof(fc.array(fc.anything()), fc.anything()),
      error: fc.anything(),
      ended: fc.anything(),
      elapsed: fc.anything(),
    }, { requiredKeys: ["kind"] });
    fc.assert(fc.property(fc.oneof(fc.anything(), message), check), { numRuns: 1000 });
  });

  it("lets pass what workers say, and nothing of another shape", () => {
    const error = { root: { kind: "value", value: 1 }, nodes: [] };
    const results = { kind: "results", chunk: 0, from: 0, values: [1], errors: [], elapsed: 1 };
    assert.equal(isFromWorker({ kind: "ready" }), true);
    assert.equal(isFromWorker({ kind: "initFailed", error }), true);
    assert.equal(isFromWorker({ ...results, ended: true }), true);
    assert.equal(isFromWorker({ ...results, ended: true, errors: [[0, error]] }), true);
    assert.equal(isFromWorker(results), false);
    assert.equal(isFromWorker({ ...results, ended: true, errors: [[0, {}]] }), false);
    assert.equal(isFromWorker({ kind: "report", chunk: 0, position: -1 }), false);
    assert.equal(isFromWorker({ kind: "unknown", chunk: 0 }), false);
    assert.equal(isFromWorker({ kind: "constructor" }), false);
  });

  it("lets pass no holes and no times that cannot be added up", () => {
    const results = { kind: "results", chunk: 0, from: 0, values: [1], ended: true, elapsed: 1 };
    const holes = new Array(3);
    assert.equal(isFromWorker({ ...results, errors: [] }), true);
    assert.equal(isFromWorker({ ...results, errors: holes }), false);
    assert.equal(isFromWorker({ kind: "initFailed", error: { root: {}, nodes: holes } }), false);
    for (const elapsed of [Infinity, NaN, -1, "1"]) {
      assert.equal(isFromWorker({ ...results, errors: [], elapsed }), false);
    }
  });
});
