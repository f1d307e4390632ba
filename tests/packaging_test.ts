import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { installPackage, type Registry, skipUnpacked as skip } from "./fixtures/npm_package.ts";
import { runCommand } from "./fixtures/run_command.ts";
import { runtime } from "./fixtures/runtime.ts";

const MODULES = fileURLToPath(new URL("../node_modules/", import.meta.url));
const PROJECT = fileURLToPath(new URL("./fixtures/installed/", import.meta.url));

/** Runs a program on the runtime that runs this test. */
function runHere(folder: string, ...args: string[]): Promise<string> {
  const before = runtime === "deno" ? ["run", "-A", "--no-check"] : [];
  return runCommand(folder, process.execPath, ...before, ...args);
}

/** Makes a project that has the package as npm installs it, and removes the project in the end. */
async function withInstalled(
  test: (folder: string) => Promise<void>,
  from?: Registry,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "polypool-"));
  try {
    cpSync(PROJECT, folder, { recursive: true });
    const dependencies = { "@polypool/pool": "*" };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies }));
    await installPackage(folder, from);
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const OUTPUT = { squares: [1, 4, 9], successors: [2, 3, 4], served: 16 };

describe("npm package", () => {
  it(
    "runs by reference, inline and in a worker file of the user's own",
    { skip },
    () =>
      withInstalled(async (folder) => {
        assert.deepEqual(JSON.parse(await runHere(folder, "main.ts")), OUTPUT);
      }),
  );

  it(
    "runs as JSR makes it",
    { skip },
    () =>
      withInstalled(async (folder) => {
        assert.deepEqual(JSON.parse(await runHere(folder, "main.ts")), OUTPUT);
      }, "jsr"),
  );

  it(
    "runs in CommonJS",
    { skip },
    () =>
      withInstalled(async (folder) => {
        assert.deepEqual(JSON.parse(await runHere(folder, "main.cjs")), OUTPUT);
      }),
  );

  it(
    "starts its workers from text",
    { skip },
    () =>
      withInstalled(async (folder) => {
        const output = { squares: [1, 4, 9], successors: [2, 3, 4] };
        assert.deepEqual(JSON.parse(await runHere(folder, "embedded.js")), output);
      }),
  );

  it(
    "has types that the strictest compiler accepts",
    { skip },
    () =>
      withInstalled(async (folder) => {
        const compilerOptions = {
          ...{ strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true },
          ...{ module: "nodenext", target: "es2024", lib: ["esnext", "dom"] },
          ...{ allowImportingTsExtensions: true, types: ["node"] },
          typeRoots: [join(MODULES, "@types")],
        };
        const config = { compilerOptions, files: ["main.ts", "tasks.worker.ts"] };
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
        await runHere(folder, join(MODULES, "typescript/lib/tsc.js"), "-p", folder);
      }),
  );
});
