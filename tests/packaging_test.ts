import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withInstalled } from "./fixtures/installed_project.ts";
import { type Registry, skipUnpacked as skip } from "./fixtures/npm_package.ts";
import { runCommand } from "./fixtures/run_command.ts";
import { runtime } from "./fixtures/runtime.ts";

const MODULES = fileURLToPath(new URL("../node_modules/", import.meta.url));

/** Runs a program on the runtime that runs this test. */
function runHere(folder: string, ...args: string[]): Promise<string> {
  const before = runtime === "deno" ? ["run", "-A", "--no-check"] : [];
  return runCommand(folder, process.execPath, ...before, ...args);
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PACKAGE = "node_modules/@polypool/pool";

/** All files that a manifest names, at any depth. */
function pathsIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("./") ? [value] : [];
  return Object.values(Object(value)).flatMap(pathsIn);
}

const OUTPUT = { squares: [1, 4, 9], successors: [2, 3, 4], served: 16 };

/** What projects run, by what that shows. */
const PROGRAMS: Readonly<
  Record<string, { readonly file: string; readonly output?: object; readonly from?: Registry }>
> = {
  "runs by reference, inline and in a worker file of the user's own": { file: "main.ts" },
  "runs as JSR makes it": { file: "main.ts", from: "jsr" },
  "runs in CommonJS": { file: "main.cjs" },
  "starts its workers from text": {
    file: "embedded.js",
    output: { squares: [1, 4, 9], successors: [2, 3, 4] },
  },
};

describe("npm package", () => {
  for (const [name, { file, output = OUTPUT, from }] of Object.entries(PROGRAMS)) {
    it(name, { skip }, () =>
      withInstalled(async (folder) => {
        assert.deepEqual(JSON.parse(await runHere(folder, file)), output);
      }, from));
  }

  it("tells npm, Node and bundlers what it is", { skip }, () =>
    withInstalled((folder) => {
      const manifest = JSON.parse(readFileSync(join(folder, PACKAGE, "package.json"), "utf8"));
      const { description, keywords, repository, homepage, bugs, engines, sideEffects } = manifest;
      assert.match(description, /multiprocessing\.Pool/);
      assert.ok(keywords.length > 5);
      for (const place of [repository.url, homepage, bugs]) assert.match(place, /https:/);
      assert.deepEqual(engines, { node: ">=22.18" });
      const working = ["./serve.js", "./worker.js", "./cjs/serve.js", "./cjs/worker.js"];
      assert.deepEqual(sideEffects, working);
      assert.deepEqual(Object.keys(manifest.exports), [
        ".",
        "./worker",
        "./embedded",
        "./package.json",
      ]);
      assert.equal(manifest.dependencies, undefined);
      assert.equal(
        manifest.version,
        JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")).version,
      );
      for (const path of pathsIn(manifest)) {
        assert.ok(existsSync(join(folder, PACKAGE, path)), path);
      }
    }));

  it("does not say where it was built", { skip }, () =>
    withInstalled((folder) => {
      const files = readdirSync(join(folder, PACKAGE), { recursive: true, encoding: "utf8" });
      const texts = files.filter((path) => /\.\w+$/.test(path));
      assert.ok(texts.length > 10);
      for (const path of texts) {
        const text = readFileSync(join(folder, PACKAGE, path), "utf8");
        assert.ok(![ROOT, tmpdir(), "sourceMappingURL"].some((word) => text.includes(word)), path);
      }
    }));

  it(
    "says where its worker's file was looked for, and names 'worker', where a bundle has left it out",
    { skip },
    () =>
      withInstalled(async (folder) => {
        const worker = join(folder, PACKAGE, "worker.js");
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
