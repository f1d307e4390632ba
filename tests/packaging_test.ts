import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PROJECT = fileURLToPath(new URL("./fixtures/installed/", import.meta.url));

const isDeno = "Deno" in globalThis;
const ENV = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
const TIMEOUT = 120_000;

/** Deno makes the package; where it is, tools/test_run.ts says to the other runtimes. */
const deno = isDeno ? process.execPath : process.env["POLYPOOL_DENO"];
const skip = deno === undefined && "needs POLYPOOL_DENO, the path of a Deno that makes the package";

/** Gives a program's output, and rejects with it unless the exit code is 0. */
async function run(folder: string, command: string, ...args: string[]): Promise<string> {
  const options = { cwd: folder, env: ENV, timeout: TIMEOUT };
  const { stdout } = await promisify(execFile)(command, args, options).catch((error) => {
    throw new Error(`${error.message}\n${error.stdout}`);
  });
  return stdout;
}

/** Runs a program on the runtime that runs this test. */
function runHere(folder: string, ...args: string[]): Promise<string> {
  const before = isDeno ? ["run", "-A", "--no-check"] : [];
  return run(folder, process.execPath, ...before, ...args);
}

/** Makes a project that has the package as npm installs it, and removes the project in the end. */
async function withInstalled(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "polypool-"));
  try {
    cpSync(PROJECT, folder, { recursive: true });
    const dependencies = { "@polypool/pool": "*" };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies }));
    await install(folder);
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function install(folder: string): Promise<void> {
  const tarball = join(folder, "package.tgz");
  await run(ROOT, deno ?? "", "pack", "--allow-dirty", "-o", tarball);
  await run(folder, "tar", "-xzf", tarball);
  mkdirSync(join(folder, "node_modules/@polypool"), { recursive: true });
  renameSync(join(folder, "package"), join(folder, "node_modules/@polypool/pool"));
}

describe("npm package", () => {
  it(
    "runs by reference, inline and in a worker file of the user's own",
    { skip },
    () =>
      withInstalled(async (folder) => {
        const output = await runHere(folder, "main.ts");
        assert.deepEqual(JSON.parse(output), {
          squares: [1, 4, 9],
          successors: [2, 3, 4],
          served: 16,
        });
      }),
  );

  it(
    "has types that the strictest compiler accepts",
    { skip },
    () =>
      withInstalled(async (folder) => {
        const modules = join(ROOT, "node_modules");
        const compilerOptions = {
          ...{ strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true },
          ...{ module: "nodenext", target: "es2024", lib: ["esnext", "dom"] },
          ...{ allowImportingTsExtensions: true, types: ["node"] },
          typeRoots: [join(modules, "@types")],
        };
        const config = { compilerOptions, files: ["main.ts", "tasks.worker.ts"] };
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
        await runHere(folder, join(modules, "typescript/lib/tsc.js"), "-p", folder);
      }),
  );
});
