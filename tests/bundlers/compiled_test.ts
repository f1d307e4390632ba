import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "../fixtures/run_command.ts";
import { pathHere, skip, withFolder } from "./project.ts";
import { BUN, NODE, NODE_26 } from "./tools.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENT = readFileSync(join(ROOT, "docs/bundlers.md"), "utf8");
const EXAMPLE = join(ROOT, "examples/compiled");

/** The commands that the document gives under a heading. */
function commandsUnder(heading: string): string {
  const [, section = ""] = DOCUMENT.split(`\n### ${heading}\n`);
  const [, commands = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  return commands.replaceAll("npx ", "");
}

/** What the comment at the end of the example says that it prints. */
function promisedOutput(): string {
  const [, comment = ""] = readFileSync(join(EXAMPLE, "main.ts"), "utf8").split("// Output:\n");
  return comment.replace(/^\/\/ ?/gm, "");
}

/** Compiles the example as the document says, and runs it where nothing else is. */
async function assertCompiles(heading: string, tool: string): Promise<void> {
  const output = await withFolder(async (folder) => {
    cpSync(EXAMPLE, folder, { recursive: true });
    const path = [dirname(tool), pathHere("node_modules/.bin"), process.env["PATH"]];
    await runCommand(
      folder,
      ...["env", `PATH=${path.join(delimiter)}`, "sh", "-e", "-c"] as const,
      commandsUnder(heading),
    );
    return runElsewhere(join(folder, "primes"));
  });
  assert.equal(output, promisedOutput());
}

async function runElsewhere(program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "polypool-"));
  try {
    assert.ok(statSync(program).isFile());
    copyFileSync(program, join(folder, "primes"));
    return await runCommand(folder, join(folder, "primes"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("examples/compiled", () => {
  it(
    "is one file by the commands that docs/bundlers.md gives for Bun",
    { skip: skip || (BUN === undefined && "needs Bun in .runtimes") },
    () => assertCompiles("`bun build --compile`", BUN ?? ""),
  );

  it(
    "is one file by the commands that docs/bundlers.md gives for Node 24",
    { skip },
    () => assertCompiles("Node 24", NODE),
  );

  it(
    "is one file by the commands that docs/bundlers.md gives for Node 26",
    { skip: skip || (NODE_26 === undefined && "needs Node 26 in .runtimes") },
    () => assertCompiles("Node 26", NODE_26 ?? ""),
  );
});
