import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withInstalled } from "./fixtures/installed_project.ts";
import { skipUnpacked as skip } from "./fixtures/npm_package.ts";
import { runCommand } from "./fixtures/run_command.ts";
import { runtime } from "./fixtures/runtime.ts";

const MODULES = fileURLToPath(new URL("../node_modules/", import.meta.url));

/** Runs a program on the runtime that runs this test. */
function runHere(folder: string, ...args: string[]): Promise<string> {
  const before = runtime === "deno" ? ["run", "-A", "--no-check"] : [];
  return runCommand(folder, process.execPath, ...before, ...args);
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
    "says where its worker's file was looked for, and names 'worker', where a bundle has left it out",
    { skip },
    () =>
      withInstalled(async (folder) => {
        const worker = join(folder, "node_modules/@polypool/pool/worker.js");
        rmSync(worker);
        const output = await runHere(folder, "told.js");
        assert.match(output, /^WorkerLostError: Cannot run tasks .* again and again/);
        assert.ok(output.includes(pathToFileURL(worker).href), output);
        assert.ok(output.includes("its option 'worker'"), output);
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
