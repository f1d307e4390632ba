import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerOf, type ProgramOptions, runProgram } from "../fixtures/run_program.ts";
import { runtime } from "../fixtures/runtime.ts";

/** What a program's pool said of its first job. */
interface Told {
  readonly name: string;
  readonly message: string;
  readonly calls: number;
  readonly state: string;
}

async function toldBy(name: string, options?: ProgramOptions): Promise<Told> {
  return await answerOf("unstartable.ts", { ...options, args: [name] }) as Told;
}

/** Asserts that a pool broke at its first start, and says what to do. */
function assertHopeless({ name, message, state }: Told, ...words: readonly string[]): void {
  assert.deepEqual([name, state], ["WorkerLostError", "broken"]);
  assert.ok(!message.includes("again and again"), message);
  for (const word of words) assert.ok(message.includes(word), message);
}

describe("a pool none of whose workers can start", () => {
  it(
    "breaks at the first failure where there is no Worker, and names 'workers: 0'",
    { skip: runtime === "node" && "Node's workers are no global" },
    async () => assertHopeless(await toldBy("noWorkers"), "no Worker here", "workers: 0"),
  );

  it(
    "breaks at the first failure where there is neither a Worker nor a blob for embedded ones",
    { skip: runtime === "node" && "Node's workers are no global" },
    async () => assertHopeless(await toldBy("noWorkersForText"), "no Worker here", "workers: 0"),
  );

  it("breaks at the first failure where a file is of another origin, and names 'worker'", async () => {
    const told = await toldBy("otherOrigin");
    assertHopeless(told, "SecurityError", "its own origin", "'worker'");
    assert.equal(told.calls, 1);
  });

  it(
    "breaks at the first failure where the platform wants a permission, and names the flag",
    { skip: runtime === "bun" && "there are no permissions" },
    async () => {
      const options = {
        nodeFlags: ["--permission", "--allow-fs-read=*"],
        denoFlags: ["--no-prompt", "--deny-read"],
      };
      const flag = runtime === "deno" ? "--allow-read" : "--allow-worker";
      assertHopeless(await toldBy("plain", options), flag);
    },
  );

  it(
    "has Deno say only once which permission is missing",
    { skip: runtime !== "deno" && "others do not print it" },
    async () => {
      const options = { args: ["plain"], denoFlags: ["--no-prompt", "--deny-read"] };
      const { stderr } = await runProgram("unstartable.ts", options);
      assert.equal(stderr.match(/Uncaught \(in worker/g)?.length, 1, stderr);
    },
  );

  it(
    "breaks at the first failure where Bun is given a worker of Node's kind, which hears nothing there",
    { skip: runtime !== "bun" && "others can talk to such a worker" },
    async () => {
      const told = await toldBy("nodeWorker");
      assertHopeless(told, "Bun has a Worker of its own");
      assert.equal(told.calls, 1);
    },
  );

  it("is not made where the language is too old, and says which Node is needed", async () => {
    assert.match(String(await toldBy("oldPlatform")), /^TypeError: Cannot make a pool .*22\.18/);
  });

  it("says that a worker's file has to call serve() where it does not", async () => {
    const { message } = await toldBy("unserved");
    assert.match(message, /did not start in time.*'worker'.*serve\(\)/);
  });
});
