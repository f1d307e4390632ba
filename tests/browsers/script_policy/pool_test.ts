import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DOUBLES } from "../ask.ts";
import { answerOf } from "../scope_program.ts";

describe("A pool under the policy script-src 'self'", () => {
  for (const program of ["reference", "plain", "served", "referenceHere"] as const) {
    it(`runs tasks by ${program}`, async () => {
      assert.deepEqual(await answerOf(program), DOUBLES);
    });
  }

  for (const program of ["inline", "inlineHere"] as const) {
    it(`says what to do instead of ${program}`, async () => {
      const answer = await answerOf(program);
      assert.ok("text" in answer, JSON.stringify(answer));
      assert.equal(answer.name, "EvalError");
      assert.match(answer.text, /export/);
    });
  }
});
