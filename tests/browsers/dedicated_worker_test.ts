import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { blocksInnerStarts as skip } from "../fixtures/runtime.ts";
import { ask, DOUBLES, SCOPE_PROGRAM } from "./ask.ts";

describe("A pool in a dedicated worker", () => {
  for (const program of ["inline", "reference", "plain", "served"] as const) {
    it(`runs tasks by ${program}`, { skip, timeout: 60_000 }, async () => {
      const worker = new Worker(SCOPE_PROGRAM, { type: "module" });
      assert.deepEqual(await ask(worker, program), DOUBLES);
      worker.terminate();
    });
  }

  it("runs tasks of all kinds, one after the other", { skip }, async () => {
    const worker = new Worker(SCOPE_PROGRAM, { type: "module" });
    for (const program of ["inline", "reference", "plain", "served", "inlineHere"] as const) {
      assert.deepEqual(await ask(worker, program), DOUBLES);
    }
    const answer = await ask(worker, "timeout");
    assert.equal("name" in answer && answer.name, "TimeoutError");
    worker.terminate();
  });
});
