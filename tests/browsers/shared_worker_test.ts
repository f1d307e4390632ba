import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { blocksInnerStarts } from "../fixtures/runtime.ts";
import { ask, DOUBLES, SCOPE_PROGRAM } from "./ask.ts";

/** The slice of a shared worker that is used here. */
interface Shared {
  readonly port: MessagePort;
}

/** A shared worker, which lives as long as the page. */
function start(): MessagePort {
  const { SharedWorker } = globalThis as unknown as {
    SharedWorker: new (url: URL, options: { type: "module" }) => Shared;
  };
  const { port } = new SharedWorker(SCOPE_PROGRAM, { type: "module" });
  port.start();
  return port;
}

describe("A pool in a shared worker", () => {
  const port = start();

  it("says at the first job that 'workers: 0' would run it, where there are no workers", {
    skip: blocksInnerStarts,
  }, async () => {
    const answer = await ask(port, "inline");
    assert.match("text" in answer ? answer.text : "a value", /workers: 0/);
  });

  for (const program of ["inlineHere", "referenceHere"] as const) {
    it(`runs tasks on its own thread by ${program}`, async () => {
      assert.deepEqual(await ask(port, program), DOUBLES);
    });
  }
});
