import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_SHARED, SHARED_BYTES, SharedResults } from "../../../core/wire/shared_memory.ts";

/** Both sides of one memory. */
function sides(): { worker: SharedResults; pool: SharedResults } {
  const memory = new SharedArrayBuffer(SHARED_BYTES);
  return { worker: new SharedResults(memory), pool: new SharedResults(memory) };
}

const VALUES: readonly unknown[] = [
  ...[0, -0, 1.5, NaN, Infinity, -(2 ** 53), 5e-324],
  ...[undefined, null, true, false],
  ...["", "text", "\ud800", "é🎉", "\0", "x".repeat(10_000)],
  ...[0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)],
];

describe("SharedResults", () => {
  it("read() gives every kind of value as it was put", () => {
    const { worker, pool } = sides();
    worker.begin();
    for (const [at, value] of VALUES.entries()) assert.equal(worker.put(at, value), true);
    assert.deepEqual(pool.read(0, VALUES.length), VALUES);
    assert.deepEqual(pool.read(7, 9), VALUES.slice(7, 9));
  });

  it("put() has no place for what is no such value, and read() ends there", () => {
    for (const value of [{}, [1], () => 1, Symbol(), 2n ** 63n, 10n ** 30n, "x".repeat(70_000)]) {
      const { worker, pool } = sides();
      worker.begin();
      worker.put(0, "before");
      assert.equal(worker.put(1, value), false);
      worker.put(2, "after");
      assert.deepEqual(pool.read(0, 3), ["before"]);
      assert.deepEqual(pool.read(2, 3), ["after"]);
    }
  });

  it("omit() and begin() leave nothing of an earlier chunk to be read", () => {
    const { worker, pool } = sides();
    worker.begin();
    for (const [at, value] of VALUES.entries()) worker.put(at, value);
    worker.begin();
    worker.put(0, 7);
    worker.omit(1);
    worker.put(2, 8);
    assert.deepEqual(pool.read(0, 3), [7]);
    worker.begin();
    for (let at = 0; at < VALUES.length; at++) worker.put(at, at);
    assert.deepEqual(pool.read(0, VALUES.length), VALUES.map((_, at) => at));
  });

  it("put() has places enough for a chunk, and for so much text", () => {
    const { worker, pool } = sides();
    worker.begin();
    const texts = Array.from({ length: MAX_SHARED }, (_, at) => `number ${at}`);
    for (const [at, text] of texts.entries()) assert.equal(worker.put(at, text), true);
    assert.deepEqual(pool.read(0, MAX_SHARED), texts);
    assert.equal(worker.put(0, "x".repeat(60_000)), false);
    worker.begin();
    assert.equal(worker.put(0, "x".repeat(60_000)), true);
  });

  it("isHeard counts messages on their way, those of all chunks", () => {
    const { worker, pool } = sides();
    for (let sent = 0; sent < 31; sent++) worker.sent();
    assert.equal(worker.isHeard, true);
    worker.sent();
    assert.equal(worker.isHeard, false);
    pool.heard();
    worker.begin();
    assert.equal(worker.isHeard, true);
  });

  it("read() gives something, and no error, whatever a task wrote into the memory", () => {
    const memory = new SharedArrayBuffer(SHARED_BYTES);
    for (const byte of [0, 1, 2, 3, 4, 5, 127, 255]) {
      new Uint8Array(memory).fill(byte);
      assert.ok(Array.isArray(new SharedResults(memory).read(0, 9)));
    }
  });
});
