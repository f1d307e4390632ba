import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  adaptiveChunkSize,
  defaultBufferSize,
  evenChunkSize,
} from "../../../core/pool/functions.ts";
import { MAX_CHUNK } from "../../../core/wire/shared_memory.ts";

describe("evenChunkSize()", () => {
  it("is Python's quotient, plus one if there is a remainder", () => {
    for (let length = 0; length < 300; length++) {
      for (let workers = 1; workers < 20; workers++) {
        const parts = workers * 4;
        const expected = Math.floor(length / parts) + (length % parts > 0 ? 1 : 0);
        assert.equal(evenChunkSize(length, workers), expected);
      }
    }
  });
});

describe("adaptiveChunkSize()", () => {
  it("is a whole number that a claim word can count, whatever the cost", () => {
    const remaining = fc.option(fc.nat(), { nil: undefined });
    const check = (cost: number, remaining: number | undefined, workers: number) => {
      const size = adaptiveChunkSize(cost, remaining, { workers, chunkMs: 2 });
      assert(Number.isInteger(size) && size >= 1 && size <= MAX_CHUNK, String(size));
      if (remaining === undefined || size * cost <= 0.25) return;
      assert(size <= Math.max(1, evenChunkSize(remaining, workers)));
    };
    const cost = fc.double({ min: 0, noNaN: true });
    fc.assert(fc.property(cost, remaining, fc.integer({ min: 1, max: 64 }), check));
  });

  it("leaves the last tasks of a map together if they are next to nothing", () => {
    assert.equal(adaptiveChunkSize(0.001, 300, { workers: 2, chunkMs: 2 }), 250);
    assert.equal(adaptiveChunkSize(0.1, 300, { workers: 2, chunkMs: 2 }), 20);
    assert.equal(adaptiveChunkSize(0.1, 30, { workers: 2, chunkMs: 2 }), 4);
  });

  it("sends a function alone that was never seen", () => {
    assert.equal(adaptiveChunkSize(undefined, 1000, { workers: 2, chunkMs: 2 }), 1);
  });
});

describe("defaultBufferSize()", () => {
  it("has room for each worker and stays bounded", () => {
    const check = (chunkSize: number, workers: number) => {
      const size = defaultBufferSize(chunkSize, workers, false);
      assert(size >= workers && size <= Math.max(workers, 1024), String(size));
    };
    const count = fc.integer({ min: 1, max: 100_000 });
    fc.assert(fc.property(count, count, check));
  });
});
