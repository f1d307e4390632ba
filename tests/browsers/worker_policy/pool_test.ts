import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DOUBLES } from "../ask.ts";
import { answerOf } from "../scope_program.ts";

describe("A pool under the policy worker-src 'none'", () => {
  it("says which file did not load, and what may help", async () => {
    const answer = await answerOf("inline");
    assert.ok("text" in answer, JSON.stringify(answer));
    assert.match(answer.text, /worker\.ts/);
    assert.match(answer.text, /'worker'/);
  });

  for (const program of ["inlineHere", "referenceHere"] as const) {
    it(`runs tasks on the page's own thread by ${program}`, async () => {
      assert.deepEqual(await answerOf(program), DOUBLES);
    });
  }
});
