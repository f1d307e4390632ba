/**
 * Apps that bundlers build: they have the package as npm installs it.
 *
 * @module
 */

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { renameSync, writeFileSync } from "node:fs";
// Bun lacks what is used of it.
import * as module from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { installPackage, skipUnpacked } from "../fixtures/npm_package.ts";
import { runtime } from "../fixtures/runtime.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
/** Below the folder that has the bundlers: a project finds them as if it had installed them itself. */
const PROJECTS = join(HERE, ".projects");

const MANIFEST = {
  type: "module",
  dependencies: { "@polypool/pool": "*" },
};

/** Why nothing is built here, if nothing is. */
export const skip: string | false = runtime === "node" && process.version.startsWith("v24.")
  ? skipUnpacked
  : "one version of one runtime builds";

/** What apps try; each is a file of `app/`. */
export const FLAVOURS = ["served", "plain", "embedded", "calling_thread"] as const;

/** What an app tries. */
export type Flavour = (typeof FLAVOURS)[number];

/** The app that a project is of. */
export interface App {
  /** What it tries. */
  readonly flavour: Flavour;
  /** How it makes a worker of its own; a file of `app/make_worker/`. */
  readonly makeWorker: string;
  /** Whether the bundler gets JavaScript, as it does not take TypeScript by itself. */
  readonly isPlainJs?: boolean;
}

/** The path of something in this folder. */
export function pathHere(path: string): string {
  return join(HERE, path);
}

/** The file of a tool, to be run by Node. */
export function toolPath(path: string): string {
  return pathHere(`node_modules/${path}`);
}

/** Makes a project in a folder of its own, and removes it in the end. */
export async function withFolder<T>(test: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(PROJECTS, { recursive: true });
  const folder = mkdtempSync(join(PROJECTS, "project-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify(MANIFEST));
    await installPackage(folder);
    return await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Puts the file that is not bundled where an app looks for it. */
export function putStaticFile(folder: string): void {
  cpSync(pathHere("app/static_tasks.js"), join(folder, "static_tasks.js"));
}

/** Makes a project of an app: `main.ts` runs it, and `tasks.worker.ts` is its worker. */
export function withApp<T>(app: App, test: (folder: string) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    cpSync(pathHere("app"), folder, { recursive: true });
    renameSync(join(folder, `${app.flavour}.ts`), join(folder, "main.ts"));
    renameSync(join(folder, `make_worker/${app.makeWorker}.ts`), join(folder, "make_worker.ts"));
    if (app.isPlainJs) stripTypes(folder);
    return test(folder);
  });
}

function stripTypes(folder: string): void {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const path = join(folder, name);
    const code = module.stripTypeScriptTypes(readFileSync(path, "utf8"), { mode: "strip" });
    writeFileSync(path.replace(/\.ts$/, ".js"), code.replaceAll('.ts"', '.js"'));
    rmSync(path);
  }
}
