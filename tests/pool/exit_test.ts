import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Leftovers } from "../fixtures/exit/leftovers.ts";
import { runtime } from "../fixtures/runtime.ts";

/** How a program ended. */
interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds between its last word and its end, with all that the machine adds. */
  readonly lingered: number;
}

/** A program that does not end by itself is ended after this time, in ms. */
const KILL_AFTER = 60_000;

/** Longest that a program may live on when nothing is left to do, in ms. */
const AT_ONCE = 1_000;

/** The same for one that leaves an idle pool behind, whose workers take time to end as well. */
const IDLE = AT_ONCE + (runtime === "deno" ? 1_000 : 0);

/** Ending a process takes some time of its own, on a busy machine much. */
const LEEWAY = 3_000;

function run(file: string, name: string): Promise<Ending> {
  const path = fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));
  const command = runtime === "deno" ? ["run", "-A", "--no-check", path] : [path];
  const child = spawn(process.execPath, [...command, name], { timeout: KILL_AFTER });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Uint8Array) => output.stdout += data);
  child.stderr.on("data", (data: Uint8Array) => output.stderr += data);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, ...output, lingered: Date.now() - timeOf("done", output.stdout) });
    });
  });
}

/** When a program said a word. */
function timeOf(word: string, stdout: string): number {
  return Number(new RegExp(`^${word} (\\d+)$`, "m").exec(stdout)?.[1]);
}

async function assertEnds(file: string, name: string, within: number): Promise<Ending> {
  const ending = await run(file, name);
  const { code, stdout, stderr, lingered } = ending;
  assert.equal(code, 0, `${name} ended with ${code}: ${stderr}`);
  const waited = timeOf("end", stdout) - timeOf("done", stdout);
  assert.ok(waited < within, `${name} waited ${waited} ms for something: ${stdout}`);
  assert.ok(lingered < within + LEEWAY, `${name} lingered ${lingered} ms`);
  return ending;
}

function assertNothingLeft({ stdout }: Ending): void {
  const [, text = ""] = /^left (.*)$/m.exec(stdout) ?? [];
  const { before, after }: Record<"before" | "after", Leftovers> = JSON.parse(text);
  assert.deepEqual(after, before);
}

/** Programs whose pool is over: nothing is left that could keep them. */
const OVER: Readonly<Record<string, string>> = {
  closed: "after close() and join()",
  closedUnused: "after a pool is closed that was never used",
  closedWithMinWorkers: "after close() with minWorkers",
  closedAfterRecycling: "after close() when workers were replaced",
  closedAfterLoss: "after close() when workers died",
  closedAfterFlood: "after close() when tasks reported a lot",
  closedAfterTimeouts: "after close() when tasks timed out",
  closedAfterLongWaits: "after close() when everything had 25 days",
  closedUnread: "after close() and return() of an imap()",
  disposed: "after a pool is disposed",
  terminated: "after terminate()",
  terminatedByFactory: "after its factory terminated it",
  terminatedBusy: "after terminate() with a task running",
  terminatedStarting: "after terminate() while workers start",
  terminatedInitializing: "after terminate() in an initializer",
  terminatedInGrace: "after terminate() in a grace of 25 days",
  terminatedInWaits: "after terminate() while somebody waits 25 days",
  terminatedBroken: "after terminate() of a broken pool",
};

/** Programs that do not wait for the end of their pool. */
const ENDING: Readonly<Record<string, string>> = {
  closedOnly: "after close() alone",
  initializerFailed: "after the initializer failed",
  neverStarted: "after no worker could start",
  inline: "with workers: 0",
  neverUsed: "when the pool is never used",
};

/** Programs that leave an idle pool behind. */
const IDLING: Readonly<Record<string, string>> = {
  neverClosed: "when the pool is never closed",
  neverClosedReady: "when the pool was only made ready",
  taskThrew: "after a task threw",
  workerLost: "after a worker died",
  timedOut: "after a task timed out",
  abortedWaiting: "after a task was aborted that waited",
  unreadStream: "when an imap() is not read to its end",
  recycled: "after workers were replaced",
};

/** Programs whose tasks print lines, and where. */
const PRINTING: Readonly<Record<string, "stdout" | "stderr">> = {
  logThenDispose: "stdout",
  logThenTerminate: "stdout",
  logThenClose: "stdout",
  logThenLeave: "stdout",
  logErrorsThenDispose: "stderr",
  writeThenDispose: "stdout",
  logLaterThenDispose: "stdout",
  logLongThenDispose: "stdout",
  logLongThenLeave: "stdout",
  logErrorsLongThenDispose: "stderr",
  writeLongThenDispose: "stdout",
  recycleThenDispose: "stdout",
};

describe("A program with a pool", () => {
  for (const [name, when] of Object.entries(OVER)) {
    it(`ends by itself, and has nothing left, ${when}`, async () => {
      assertNothingLeft(await assertEnds("exit/script.ts", name, AT_ONCE));
    });
  }

  for (const [name, when] of Object.entries(ENDING)) {
    it(`ends by itself ${when}`, async () => {
      await assertEnds("exit/script.ts", name, AT_ONCE);
    });
  }

  for (const [name, when] of Object.entries(IDLING)) {
    it(`ends by itself ${when}`, async () => {
      await assertEnds("exit/script.ts", name, IDLE);
    });
  }

  it("ends by itself after the last callback", async () => {
    const { stdout } = await assertEnds("exit/script.ts", "calledBack", 300 + IDLE);
    assert.match(stdout, /^called 300$/m);
  });

  const skip = runtime === "deno" && "there they keep the process alive until close()";
  for (const name of ["minWorkers", "minWorkersUnused"]) {
    it(`ends by itself with minWorkers (${name})`, { skip }, async () => {
      await assertEnds("exit/script.ts", name, AT_ONCE);
    });
  }

  for (const state of ["unused", "idle", "starting", "busy", "closed"]) {
    it(`ends with its own error when the pool is ${state}`, async () => {
      const { code, stdout, stderr, lingered } = await run("exit/uncaught.ts", state);
      assert.equal(code, 1, stderr);
      assert.match(stdout, /^done/m);
      assert.match(stderr, /uncaught/);
      assert.ok(lingered < AT_ONCE + LEEWAY, `it lingered ${lingered} ms`);
    });
  }

  for (const [name, stream] of Object.entries(PRINTING)) {
    it(`shows every line that its tasks printed (${name})`, async () => {
      const { [stream]: output } = await assertEnds("exit/print.ts", name, IDLE);
      const lines = output.split("\n").filter((line) => line.startsWith("line "));
      assert.equal(new Set(lines).size, 200);
      assert.equal(lines.length, 200);
      const isLong = name.includes("Long");
      assert.ok(
        lines.every((line) => /^line \d+( ={4000})?$/.test(line) && isLong === line.length > 4000),
      );
    });
  }

  it("prints nothing that it did not ask for", async () => {
    const { stdout, stderr } = await assertEnds("exit/script.ts", "closed", AT_ONCE);
    assert.match(stdout, /^left .*\ndone \d+\nend \d+\n$/);
    // Node 22 calls its own type stripping experimental.
    assert.equal(stderr.replaceAll(/^.*ExperimentalWarning.*\n.*trace-warnings.*\n/gm, ""), "");
  });
});
