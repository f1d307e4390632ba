import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DOUBLES } from "../ask.ts";
import { answerOf } from "../scope_program.ts";

describe("A pool in a page that came over plain http", () => {
  it("has neither random UUIDs nor locks", () => {
    assert.deepEqual([isSecureContext, "randomUUID" in crypto, "locks" in navigator], [
      false,
      false,
      false,
    ]);
  });

  for (const program of ["inline", "reference", "plain", "served", "inlineHere"] as const) {
    it(`runs tasks by ${program}`, async () => {
      assert.deepEqual(await answerOf(program), DOUBLES);
    });
  }

  it("ends a task whose time is up", async () => {
    const answer = await answerOf("timeout");
    assert.equal("name" in answer && answer.name, "TimeoutError");
  });
});
