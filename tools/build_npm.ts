/**
 * Builds the package as it is published on npm: few files, as each module costs a program that
 * starts; CommonJS beside ESM; types that need no DOM; and the worker as text.
 *
 *     deno task build:npm [--out dist/npm]
 *
 * @module
 */

import * as esbuild from "esbuild";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { npmManifest } from "./npm_manifest.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const ENTRIES = { index: "mod.ts", worker: "worker.ts" };
const DOCUMENTS = ["CHANGELOG.md", "LICENSE", "README.md"];

/** What is the same in all formats. */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "neutral",
  target: "es2023",
  legalComments: "none",
  logLevel: "warning",
} as const;

/** Builds the package into a folder, which is made anew. */
export async function buildNpm(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "cjs"), { recursive: true });
  const worker = await workerText();
  await buildModules(folder, worker);
  await buildScripts(join(folder, "cjs"), worker);
  await esbuild.stop();
  await buildTypes(folder);
  for (const name of DOCUMENTS) cpSync(join(ROOT, name), join(folder, name));
  const { version } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  writeJson(join(folder, "package.json"), npmManifest(version));
  writeJson(join(folder, "cjs/package.json"), { type: "commonjs" });
}

/** The worker as a script that needs no other file. */
async function workerText(): Promise<string> {
  const { outputFiles } = await esbuild.build({
    ...COMMON,
    entryPoints: ["worker.ts"],
    format: "iife",
    minify: true,
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}

async function buildModules(outdir: string, worker: string): Promise<void> {
  const options = { ...COMMON, format: "esm", outdir } as const;
  // What both need is in one file of its own.
  await esbuild.build({
    ...options,
    entryPoints: ENTRIES,
    splitting: true,
    chunkNames: "shared",
  });
  await buildEmbedded({ ...options, outdir }, worker);
}

async function buildScripts(outdir: string, worker: string): Promise<void> {
  const options = { ...COMMON, format: "cjs", outdir } as const;
  await esbuild.build({
    ...options,
    entryPoints: ENTRIES,
    define: { "import.meta.url": "scriptUrl" },
    inject: ["tools/script_url.js"],
  });
  await buildEmbedded(options, worker);
}

function buildEmbedded(options: esbuild.BuildOptions, worker: string): Promise<unknown> {
  const contents = `import { embed } from "./runtime/embedded.ts";
    export const embeddedWorker = embed(${JSON.stringify(worker)});`;
  const { outdir = "", ...others } = options;
  return esbuild.build({
    ...others,
    outfile: join(outdir, "embedded.js"),
    stdin: { contents, resolveDir: ROOT, loader: "ts" },
  });
}

/** Writes the types of each entry into one file, which has nothing but what is public. */
async function buildTypes(folder: string): Promise<void> {
  const bundle = await rollup({
    input: Object.fromEntries(
      Object.entries(ENTRIES).map(([name, path]) => [name, join(ROOT, path)]),
    ),
    plugins: [dts({ tsconfig: join(ROOT, "tools/npm_types.json") })],
  });
  // `lib` of ES2024 has no `AsyncDisposable`.
  const banner = '/// <reference lib="esnext.disposable" />';
  const { output } = await bundle.generate({ format: "es", banner });
  await bundle.close();
  for (const target of [folder, join(folder, "cjs")]) {
    for (const file of output) {
      if (file.type === "chunk") writeFileSync(join(target, file.fileName), file.code);
    }
    writeFileSync(join(target, "embedded.d.ts"), EMBEDDED_TYPES);
  }
}

const EMBEDDED_TYPES = `import type { WorkerLike } from "./index.js";

/**
 * A value for a pool's option \`worker\`, where no file can be had for its workers, as in bundles
 * and compiled programs: they start from text in this module. Functions travel as if there was no
 * such option.
 */
export declare const embeddedWorker: () => WorkerLike;
`;

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: "string", default: "dist/npm" } } });
  await buildNpm(resolve(values.out));
}
