import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FOLDER = fileURLToPath(new URL("../examples/", import.meta.url));
const RUN = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
const ENV = { ...process.env, NO_COLOR: "1" };
const TIMEOUT = 60_000;
/** Functions for the README, no program. */
const NO_PROGRAM = "tasks.ts";

/** What the comment at the end of an example says that it prints. */
function promisedOutput(file: string): string {
  const source = readFileSync(join(FOLDER, file), "utf8");
  const [, comment = ""] = source.split(/^\/\/ Output.*:\n/m);
  return comment.replace(/^\/\/ ?/gm, "");
}

async function actualOutput(file: string): Promise<string> {
  const args = [...RUN, join(FOLDER, file)];
  // Rejects unless the exit code is 0.
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: ENV,
    timeout: TIMEOUT,
  });
  return stdout;
}

/** Without what a busy machine may upset: times, and the order of what comes as it is ready. */
function masked(output: string): string {
  return output.replace(/\(\d+ ms\)/g, "(# ms)")
    .replace(/^applyAsync.*$/m, (line) => numbersIn(line).sort().join(" "));
}

function numbersIn(line: string): string[] {
  return line.replace(/\(.*/, "").match(/\d+/g) ?? [];
}

/** Runs the word count, interrupts it at its first line, and gives what it said in all. */
function interruptWordCount(folder: string): Promise<{ code: number | null; output: string }> {
  const args = [...RUN, join(FOLDER, "word_count.ts"), folder];
  const child = spawn(process.execPath, args, { env: ENV, timeout: TIMEOUT });
  let output = "";
  child.stdout.setEncoding("utf8");
  // Not child.kill(): Deno takes the death for granted then, and does not tell the exit code.
  child.stdout.once("data", () => child.pid && process.kill(child.pid, "SIGINT"));
  child.stdout.on("data", (text: string) => output += text);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

describe("examples", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ts") && name !== NO_PROGRAM);
  for (const file of files) {
    it(`${file} prints what the comment at its end says`, async () => {
      const promised = promisedOutput(file);
      assert.notEqual(promised, "");
      assert.equal(masked(await actualOutput(file)), masked(promised));
    });
  }

  it("apply_or_map.ts hands out the results of applyAsync() as they come", async () => {
    const [completed = "", mapped = ""] = (await actualOutput("apply_or_map.ts")).split("\n");
    assert.notDeepEqual(numbersIn(completed), numbersIn(mapped));
  });

  it("word_count.ts stops at Ctrl-C, says how far it came, and exits with 130", async () => {
    const folder = mkdtempSync(join(tmpdir(), "polypool-"));
    try {
      // Seconds of work, so that the end does not come before the signal.
      const files = 3000;
      const text = join(folder, "0.txt");
      writeFileSync(text, "one two two\n".repeat(10_000));
      for (let n = 1; n < files; n++) linkSync(text, join(folder, `${n}.txt`));
      const { code, output } = await interruptWordCount(folder);
      const [, done = ""] = /Stopped after (\d+) of 3000 files/.exec(output) ?? [];
      assert.ok(Number(done) > 0 && Number(done) < files, output.slice(-500));
      assert.match(output, new RegExp(`^one +${done}0000$`, "m"));
      assert.match(output, new RegExp(`^two +${2 * Number(done)}0000$`, "m"));
      assert.equal(code, 130);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
