import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Chunk, SharedClaims, ToldClaims } from "../../../core/pool/chunk.ts";
import { ClaimWords, SHARED_BYTES, SharedResults } from "../../../core/wire/shared_memory.ts";

const owner = { fulfil: () => {}, reject: () => {} };

/** A chunk that a worker has, the first of those that it was sent. */
function chunkOf(size: number) {
  const chunk = new Chunk(owner, 0, Array.from({ length: size }, (_, at) => at));
  chunk.id = chunk.word = 0;
  return chunk;
}

describe("ToldClaims", () => {
  const working = new ToldClaims(() => true);
  const waiting = new ToldClaims(() => false);

  it("count all tasks of the chunk at work as begun, unless its worker tells of each", () => {
    const chunk = chunkOf(4);
    chunk.fulfil(["value"]);
    assert.equal(working.begun(chunk), 4);
    chunk.tellsEachTask = true;
    assert.equal(working.begun(chunk), 2);
    chunk.fulfil([1, 2, 3]);
    assert.equal(working.begun(chunk), 4, "more have begun than there are");
  });

  it("count nothing of a chunk that waits, but what has an outcome", () => {
    const chunk = chunkOf(4);
    assert.equal(waiting.begun(chunk), 0);
    chunk.fulfil(["value"]);
    assert.equal(waiting.begun(chunk), 1);
  });

  it("take nothing back, as nothing keeps the worker from it", () => {
    const chunk = chunkOf(4);
    assert.equal(waiting.cut(chunk, 0), 4);
    assert.equal(waiting.mayRun(chunk), true);
    assert.equal(waiting.canTakeBack, false);
  });

  it("freeze() tells whether just so many have begun", () => {
    const chunk = chunkOf(1);
    chunk.tellsEachTask = true;
    assert.equal(working.freeze(chunk, 1), true);
    assert.equal(working.freeze(chunk, 0), false);
    assert.equal(waiting.freeze(chunk, 0), true);
  });

  it("have no values that are kept back", () => {
    const chunk = chunkOf(4);
    assert.equal(working.keepsBack(chunk), false);
    assert.deepEqual(working.look(chunk), []);
  });
});

describe("SharedClaims", () => {
  function sides(size: number) {
    const memory = new SharedArrayBuffer(SHARED_BYTES);
    const [claims, chunk] = [new SharedClaims(memory), chunkOf(size)];
    claims.open(chunk);
    return { claims, chunk, words: new ClaimWords(memory), results: new SharedResults(memory) };
  }

  it("count what the worker has begun, and what has an outcome whatever a task wrote there", () => {
    const { claims, chunk, words } = sides(4);
    assert.deepEqual([claims.begun(chunk), claims.mayRun(chunk)], [0, false]);
    words.begin(0);
    words.begin(0);
    assert.deepEqual([claims.begun(chunk), claims.mayRun(chunk)], [2, true]);
    chunk.fulfil([1, 2, 3]);
    assert.deepEqual([claims.begun(chunk), claims.mayRun(chunk)], [3, false]);
  });

  it("cut() lets nothing begin from a position on, unless it has", () => {
    const { claims, chunk, words } = sides(4);
    words.begin(0);
    words.begin(0);
    assert.equal(claims.cut(chunk, 1), 2);
    assert.equal(words.begin(0), false);
  });

  it("look() takes the values before the task that runs, once that one stands still", () => {
    const { claims, chunk, words, results } = sides(4);
    results.begin();
    words.begin(0);
    results.put(0, "a");
    words.begin(0);
    assert.equal(claims.keepsBack(chunk), true);
    assert.deepEqual(claims.look(chunk), [], "it may go on by itself");
    assert.deepEqual(claims.look(chunk), ["a"]);
    assert.equal(claims.keepsBack(chunk), false, "it was asked already");
    claims.heard();
    assert.equal(claims.keepsBack(chunk), true);
  });
});
