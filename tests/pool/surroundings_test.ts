import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerOf } from "../fixtures/run_program.ts";
import { runtime } from "../fixtures/runtime.ts";

/** What a program of `surroundings.ts` prints. */
function gives(name: string, expected: unknown): () => Promise<void> {
  return async () => {
    assert.deepEqual(await answerOf("surroundings.ts", { args: [name] }), expected);
  };
}

const onlyOnNode = { skip: runtime !== "node" && "worker_threads are Node's own" };

describe("a pool in odd surroundings", () => {
  it(
    "gives results of tasks whose output nobody reads",
    onlyOnNode,
    gives("unreadOutput", [10_000, 1, 1, [1, 4]]),
  );

  it(
    "gives results of tasks that hold their output back",
    onlyOnNode,
    gives("corkedOutput", ["corked", [1, 4]]),
  );

  it(
    "uses Node's own workers where something else calls itself Worker",
    onlyOnNode,
    gives("foreignWorker", [[1, 4], [9]]),
  );

  it(
    "goes on under fake timers, which only the caller's own waits heed",
    gives("fakeTimers", [4, 9, "WorkerLostError", "TimeoutError", "TimeoutError"]),
  );

  it(
    "goes on after a task that fakes its thread's clock",
    gives("fakedClock", ["faked", [1, 4], 0]),
  );

  it("lets workers run their exit handlers at an orderly end", gives("exitHandlers", "exit"));
});

describe("a program given as text", () => {
  const url = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);
  const text = `import { Pool } from ${url};
    const pool = new Pool({ workers: 1 });
    const flags = (words) => words.filter((word) => process.execArgv.includes(word));
    console.log(JSON.stringify(await pool.apply(flags, [["--no-warnings", "--conditions=odd"]])));
    await pool.terminate();`;
  const flags = ["--no-warnings", "--conditions=odd", "--expose-gc"];

  it("has workers with its flags, but for that of its kind", onlyOnNode, async () => {
    const nodeFlags = ["--input-type=module", ...flags, "-e", text];
    assert.deepEqual(await answerOf("", { nodeFlags }), ["--no-warnings", "--conditions=odd"]);
  });

  it("may have that from the environment", onlyOnNode, async () => {
    const env = { NODE_OPTIONS: "--input-type=module" };
    assert.deepEqual(await answerOf("", { nodeFlags: ["-e", text], env }), []);
  });
});
