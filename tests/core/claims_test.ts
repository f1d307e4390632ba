import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLAIM_WORDS, Claims, MAX_CHUNK } from "../../core/claims.ts";

function claimsOf(count: number, word = 0): Claims {
  const claims = new Claims(new SharedArrayBuffer(CLAIM_WORDS * 4));
  claims.open(word, count);
  return claims;
}

describe("Claims", () => {
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

  it("withdraw() forbids all tasks, but none if one has begun", () => {
    const claims = claimsOf(4);
    assert.equal(claims.withdraw(0), true);
    assert.deepEqual([claims.begin(0), claims.begun(0), claims.cut(0, 2)], [false, 0, 0]);
    const begun = claimsOf(4);
    begun.begin(0);
    assert.equal(begun.withdraw(0), false);
    for (let task = 1; task < 4; task++) assert.equal(begun.begin(0), true);
    assert.equal(begun.begun(0), 4);
  });
});
