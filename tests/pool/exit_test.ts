import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runtime } from "../fixtures/runtime.ts";

/** How a program ended. */
interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds between its last word and its end. */
  readonly lingered: number;
}

/** A program that does not end by itself is ended after this time, in ms. */
const KILL_AFTER = 60_000;

/** Ending takes some time of its own, on a busy machine much. */
const LEEWAY = 4_000;

/** Longest that an idle pool may keep the process alive, in ms. */
const IDLE = (runtime === "deno" ? 1_000 + 1_000 : 0) + LEEWAY;

function run(file: string, ...args: string[]): Promise<Ending> {
  const path = fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));
  const command = runtime === "deno" ? ["run", "-A", "--no-check", path] : [path];
  const child = spawn(process.execPath, [...command, ...args], { timeout: KILL_AFTER });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Uint8Array) => output.stdout += data);
  child.stderr.on("data", (data: Uint8Array) => output.stderr += data);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const [, time = "0"] = /^done (\d+)$/m.exec(output.stdout) ?? [];
      resolve({ code, ...output, lingered: Date.now() - Number(time) });
    });
  });
}

async function assertEnds(name: string, within: number): Promise<Ending> {
  const ending = await run("exit_script.ts", name);
  const { code, stdout, stderr, lingered } = ending;
  assert.equal(code, 0, `${name} ended with ${code}: ${stderr}`);
  assert.match(stdout, /^done \d+$/m, stderr);
  assert.ok(lingered < within, `${name} lingered ${lingered} ms`);
  return ending;
}

/** Programs whose pool is over: nothing is left that could keep them. */
const OVER: Record<string, string> = {
  closed: "after close() and join()",
  closedOnly: "after close() alone",
  terminated: "after terminate()",
  terminatedBusy: "after terminate() with a task running",
  terminatedStarting: "after terminate() while workers start",
  minWorkersClosed: "after close() with minWorkers",
  initializerFailed: "after the initializer failed",
  neverStarted: "after no worker could start",
  inline: "with workers: 0",
  neverUsed: "when the pool is never used",
};

/** Programs that leave an idle pool behind. */
const IDLING: Record<string, string> = {
  neverClosed: "when the pool is never closed",
  neverClosedReady: "when the pool was only made ready",
  taskThrew: "after a task threw",
  workerLost: "after a worker died",
  aborted: "after a task timed out",
  unreadStream: "when an imap() is not read to its end",
  calledBack: "after the last callback",
  recycled: "after workers were replaced",
};

describe("A program with a pool", () => {
  for (const [name, when] of Object.entries(OVER)) {
    it(`ends by itself ${when}`, async () => void await assertEnds(name, LEEWAY));
  }

  for (const [name, when] of Object.entries(IDLING)) {
    it(`ends by itself ${when}`, async () => {
      const { stdout } = await assertEnds(name, IDLE);
      if (name === "calledBack") assert.match(stdout, /^called 300$/m);
    });
  }

  const skip = runtime === "deno" && "there they keep the process alive until close()";
  for (const name of ["minWorkers", "minWorkersUnused"]) {
    it(`ends by itself with minWorkers (${name})`, { skip }, async () => {
      await assertEnds(name, LEEWAY);
    });
  }

  it("ends with its own error", async () => {
    const { code, stdout, stderr, lingered } = await run("exit_uncaught.ts");
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^done/m);
    assert.match(stderr, /uncaught/);
    assert.ok(lingered < LEEWAY, `it lingered ${lingered} ms`);
  });

  for (const name of ["printThenDispose", "printThenClose"]) {
    it(`shows every line that its tasks printed (${name})`, async () => {
      const { stdout } = await assertEnds(name, LEEWAY);
      const lines = stdout.split("\n").filter((line) => line.startsWith("line "));
      assert.equal(new Set(lines).size, 200);
      assert.equal(lines.length, 200);
    });
  }

  it("prints nothing that it did not ask for", async () => {
    const { stdout, stderr } = await assertEnds("closed", LEEWAY);
    assert.match(stdout, /^done \d+\n$/);
    // Node 22 calls its own type stripping experimental.
    assert.equal(stderr.replaceAll(/^.*ExperimentalWarning.*\n.*trace-warnings.*\n/gm, ""), "");
  });
});
