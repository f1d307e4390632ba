import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLAIM_WORDS, ClaimWords, MAX_CHUNK } from "../../../core/wire/shared_memory.ts";

function claimsOf(count: number, word = 0): ClaimWords {
  const claims = new ClaimWords(new SharedArrayBuffer(CLAIM_WORDS * 4));
  claims.open(word, count);
  return claims;
}

describe("ClaimWords", () => {
  it("begin() allows as many tasks as were opened, and no more", () => {
    for (const count of [0, 1, 5, MAX_CHUNK]) {
      const claims = claimsOf(count, CLAIM_WORDS - 1);
      for (let task = 0; task < count; task++) assert.equal(claims.begin(CLAIM_WORDS - 1), true);
      assert.equal(claims.begin(CLAIM_WORDS - 1), false);
      assert.equal(claims.begun(CLAIM_WORDS - 1), count);
    }
  });

  it("cut() spares what has begun, and forbids the rest", () => {
    const claims = claimsOf(10);
    for (let task = 0; task < 3; task++) claims.begin(0);
    assert.equal(claims.cut(0, 6), 6);
    assert.equal(claims.cut(0, 8), 6);
    assert.equal(claims.cut(0, 0), 3);
    assert.equal(claims.begin(0), false);
    assert.equal(claims.begun(0), 3);
    assert.equal(claims.cut(0, 0), 3);
  });

  it("freeze() forbids all further tasks, but none if others have begun than is believed", () => {
    for (let begun = 0; begun < 4; begun++) {
      const claims = claimsOf(4);
      for (let task = 0; task < begun; task++) claims.begin(0);
      assert.equal(claims.freeze(0, begun + 1), false);
      assert.equal(claims.freeze(0, begun - 1), false);
      assert.equal(claims.freeze(0, begun), true);
      assert.deepEqual([claims.begin(0), claims.begun(0)], [false, begun]);
    }
  });

  it("end() keeps freeze() from a last task that has ended, and counts for nothing else", () => {
    const claims = claimsOf(2);
    claims.begin(0);
    claims.begin(0);
    claims.end(0);
    assert.equal(claims.freeze(0, 2), false);
    assert.equal(claims.freeze(0, 3), false);
    assert.equal(claims.begun(0), 2);
    assert.equal(claims.cut(0, 0), 2);
    assert.equal(claims.begin(0), false);
  });

  it("freeze() finds no task running where a worker asked for another in vain", () => {
    const claims = claimsOf(5);
    claims.begin(0);
    claims.cut(0, 0);
    assert.equal(claims.begin(0), false);
    assert.equal(claims.freeze(0, 1), false);
    assert.equal(claims.freeze(0, 2), false);
    assert.equal(claims.begun(0), 1);
  });

  it("request() is answered before the next task begins, once, and changes no count", () => {
    let answers = 0;
    const memory = new SharedArrayBuffer(CLAIM_WORDS * 4);
    const [pool, worker] = [new ClaimWords(memory), new ClaimWords(memory, () => void answers++)];
    pool.open(0, 3);
    worker.begin(0);
    pool.request(0);
    assert.deepEqual([pool.begun(0), pool.running(0), answers], [1, 0, 0]);
    assert.equal(pool.cut(0, 2), 2);
    assert.equal(worker.begin(0), true);
    assert.deepEqual([pool.begun(0), pool.running(0), answers], [2, 1, 1]);
    pool.request(0);
    assert.equal(worker.begin(0), false);
    assert.deepEqual([pool.begun(0), pool.running(0), answers], [2, undefined, 2]);
  });

  it("freeze() finds a running task that it was requested to tell of others, too", () => {
    const claims = claimsOf(3);
    claims.begin(0);
    claims.request(0);
    assert.equal(claims.freeze(0, 1), true);
    assert.equal(claims.begin(0), false);
  });
});
