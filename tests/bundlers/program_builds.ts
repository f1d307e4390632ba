/**
 * How each tool makes a program of an app.
 *
 * @module
 */

import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../fixtures/run_command.ts";
import type { App } from "./project.ts";
import { BUN, NODE, NODE_26, nodeTool } from "./tools.ts";

/** How a tool makes a program of an app. */
export interface ProgramBuild extends Omit<App, "flavour"> {
  /** Why it is left out, if it is. */
  readonly skip?: string | false;
  /** Makes the program in a folder: gives the words that run it. */
  build(folder: string): Promise<readonly string[]>;
}

const ENTRIES = ["main.ts", "tasks.worker.ts"];
const ESBUILD = [
  ...nodeTool("esbuild/bin/esbuild"),
  ...[...ENTRIES, "--bundle", "--platform=node", "--outdir=dist"],
];
/** By this Node finds out whether it holds a program. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** Each tool, by its name in the table. */
export const PROGRAM_BUILDS: Readonly<Record<string, ProgramBuild>> = {
  "esbuild, module for Node": {
    makeWorker: "of_node",
    async build(folder) {
      await run(folder, [...ESBUILD, "--format=esm"]);
      return [NODE, join(folder, "dist/main.js")];
    },
  },
  "esbuild, CommonJS for Node": {
    makeWorker: "of_commonjs",
    async build(folder) {
      await run(folder, ESBUILD);
      writeFileSync(join(folder, "dist/package.json"), '{ "type": "commonjs" }');
      return [NODE, join(folder, "dist/main.js")];
    },
  },
  "Bun 1.4, `bun build --compile`": {
    makeWorker: "followed",
    skip: BUN === undefined && "needs Bun in .runtimes",
    async build(folder) {
      await run(folder, [BUN ?? "", "build", "--compile", ...ENTRIES, "--outfile=app"]);
      return [join(folder, "app")];
    },
  },
  "Node 24, single executable": {
    makeWorker: "of_executable",
    build: (folder) => injected(folder, NODE),
  },
  "Node 26, single executable": {
    makeWorker: "of_executable",
    skip: NODE_26 === undefined && "needs Node 26 in .runtimes",
    async build(folder) {
      await run(folder, ESBUILD);
      configure(folder, "app");
      await run(folder, [NODE_26 ?? "", "--build-sea", "sea.json"]);
      return [join(folder, "app")];
    },
  },
};

/** Puts a program into a copy of Node, for versions that do not do so themselves. */
async function injected(folder: string, node: string): Promise<readonly string[]> {
  const app = join(folder, "app");
  await run(folder, ESBUILD);
  configure(folder, "app.blob");
  await run(folder, [node, "--experimental-sea-config", "sea.json"]);
  copyFileSync(node, app);
  chmodSync(app, 0o755);
  const postject = nodeTool("postject/dist/cli.js");
  await run(folder, [...postject, app, "NODE_SEA_BLOB", "app.blob", "--sentinel-fuse", FUSE]);
  return [app];
}

/** Says what a single executable holds, and which file is to be made. */
function configure(folder: string, output: string): void {
  const assets = { "tasks.worker.js": "dist/tasks.worker.js" };
  const config = { main: "dist/main.js", output, assets, disableExperimentalSEAWarning: true };
  writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
}

function run(folder: string, [command = "", ...args]: readonly string[]): Promise<string> {
  return runCommand(folder, command, ...args);
}
