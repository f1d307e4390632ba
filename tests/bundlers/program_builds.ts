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

const ESBUILD = [
  ...nodeTool("esbuild/bin/esbuild"),
  "--bundle",
  "--platform=node",
  "--outdir=dist",
];

/** Each tool, by its name in the table. */
export const PROGRAM_BUILDS: Readonly<Record<string, ProgramBuild>> = {
  "esbuild, module for Node": {
    makeWorker: "of_node",
    async build(folder) {
      await run(folder, [...ESBUILD, "--format=esm", "main.ts", "tasks.worker.ts"]);
      return [NODE, join(folder, "dist/main.js")];
    },
  },
  "esbuild, CommonJS for Node": {
    makeWorker: "of_commonjs",
    async build(folder) {
      await run(folder, [...ESBUILD, "main.ts", "tasks.worker.ts"]);
      writeFileSync(join(folder, "dist/package.json"), '{ "type": "commonjs" }');
      return [NODE, join(folder, "dist/main.js")];
    },
  },
  "Bun 1.4, `bun build --compile`": {
    makeWorker: "followed",
    skip: BUN === undefined && "needs Bun in .runtimes",
    async build(folder) {
      const entries = ["main.ts", "tasks.worker.ts"];
      await run(folder, [BUN ?? "", "build", "--compile", ...entries, "--outfile=app"]);
      return [join(folder, "app")];
    },
  },
  "Node 24, single executable": singleExecutable(NODE),
  "Node 26, single executable": {
    ...singleExecutable(NODE_26 ?? ""),
    skip: NODE_26 === undefined && "needs Node 26 in .runtimes",
  },
};

function singleExecutable(node: string): ProgramBuild {
  return {
    makeWorker: "of_executable",
    async build(folder) {
      await run(folder, [...ESBUILD, "main.ts", "tasks.worker.ts"]);
      const config = {
        main: "dist/main.js",
        output: "dist/app.blob",
        disableExperimentalSEAWarning: true,
        assets: { "tasks.worker.js": "dist/tasks.worker.js" },
      };
      writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
      await run(folder, [node, "--experimental-sea-config", "sea.json"]);
      const app = join(folder, "app");
      copyFileSync(node, app);
      chmodSync(app, 0o755);
      const sentinel = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
      await run(folder, [
        ...nodeTool("postject/dist/cli.js"),
        ...[app, "NODE_SEA_BLOB", "dist/app.blob", "--sentinel-fuse", sentinel],
      ]);
      return [app];
    },
  };
}

function run(folder: string, [command = "", ...args]: readonly string[]): Promise<string> {
  return runCommand(folder, command, ...args);
}
