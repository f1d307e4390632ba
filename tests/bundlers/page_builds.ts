/**
 * How each bundler makes a page of an app.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../fixtures/run_command.ts";
import { type App, pathHere, putStaticFile } from "./project.ts";
import { withServedFolder, withServer } from "./site.ts";
import { BUN, DENO, NODE, nodeTool } from "./tools.ts";

/** How a bundler makes a page of an app. */
export interface PageBuild extends Omit<App, "flavour"> {
  /** Why it is left out, if it is. */
  readonly skip?: string | false;
  /** Makes the page of the app in a folder, while a test runs. */
  withPage<T>(folder: string, test: (url: string) => Promise<T>): Promise<T>;
}

const VITE = nodeTool("vite/bin/vite.js");
const VITE_8 = nodeTool("vite8/bin/vite.js");
const DEV = ["--host=127.0.0.1"];
const ESBUILD = [...nodeTool("esbuild/bin/esbuild"), "main.ts", "tasks.worker.ts", "--bundle"];
const TO_DIST = "--outdir=dist";

/** Each bundler, by its name in the table. */
export const PAGE_BUILDS: Readonly<Record<string, PageBuild>> = {
  "Vite 8, build": built("followed", [...VITE_8, "build"]),
  "Vite 8, dev server": developed(VITE_8),
  "Vite 7, build": built("followed", [...VITE, "build"]),
  "Vite 7, dev server": developed(VITE),
  "Vite 7, dev server, `optimizeDeps.exclude`": developed([
    ...VITE,
    `--config=${pathHere("configs/vite_excluding.js")}`,
  ]),
  "webpack 5": {
    ...bundled("beside", [NODE, pathHere("configs/webpack.js")]),
    isPlainJs: true,
  },
  "Rspack 2": bundled("followed", [NODE, pathHere("configs/rspack.js")]),
  "Parcel 2": built("followed", [
    ...nodeTool("parcel/lib/bin.js"),
    ...["build", "index.html", "--no-cache", "--cache-dir=.parcel-cache", "--no-source-maps"],
    "--no-autoinstall",
  ]),
  "esbuild": bundled("beside", [...ESBUILD, TO_DIST, "--format=esm"]),
  "esbuild, split": bundled("beside", [...ESBUILD, TO_DIST, "--format=esm", "--splitting"]),
  "esbuild, minified": bundled("beside", [...ESBUILD, TO_DIST, "--format=esm", "--minify"]),
  "esbuild, script": bundled("of_page", [...ESBUILD, TO_DIST, "--format=iife"]),
  "Rollup 4": {
    ...bundled("beside", [
      ...nodeTool("rollup/dist/bin/rollup"),
      ...["main.js", "tasks.worker.js", "--dir=dist", "--plugin=node-resolve"],
    ]),
    isPlainJs: true,
  },
  "Bun 1.4, `bun build`": {
    ...bundled("beside", [BUN ?? "", "build", "main.ts", "tasks.worker.ts", TO_DIST, "--minify"]),
    skip: BUN === undefined && "needs Bun in .runtimes",
  },
  "Deno 2.9, `deno bundle`": {
    ...bundled("beside", [
      ...[DENO ?? "", "bundle", "--no-config", "--node-modules-dir=manual", "--platform=browser"],
      ...["main.ts", "tasks.worker.ts", TO_DIST],
    ]),
  },
};

/** Made by a bundler that takes HTML. */
function built(makeWorker: string, command: readonly string[]): PageBuild {
  return {
    makeWorker,
    async withPage(folder, test) {
      await runCommand(folder, command[0] ?? "", ...command.slice(1));
      putStaticFile(join(folder, "dist"));
      return withServedFolder(join(folder, "dist"), test);
    },
  };
}

/** Made by a bundler that leaves HTML alone. */
function bundled(makeWorker: string, command: readonly string[]): PageBuild {
  const build = built(makeWorker, command);
  return {
    ...build,
    withPage(folder, test) {
      return build.withPage(folder, (url) => {
        const html = readFileSync(join(folder, "index.html"), "utf8");
        writeFileSync(join(folder, "dist/index.html"), html.replace("main.ts", "main.js"));
        return test(url);
      });
    },
  };
}

/** Made by a bundler's server while the page is open. */
function developed(command: readonly string[]): PageBuild {
  return {
    makeWorker: "followed",
    withPage: (folder, test) => withServer(folder, [...command, ...DEV], test),
  };
}
