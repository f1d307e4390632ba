/**
 * Projects that other people's tools run: they have the package as npm installs it.
 *
 * @module
 */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackage } from "../fixtures/npm_package.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
/** Below the folder that has the tools: a project finds them as if it had installed them itself. */
const PROJECTS = join(HERE, ".projects");

/** The file of a tool, to be run by Node. */
export function toolPath(path: string): string {
  return join(HERE, "node_modules", path);
}

/** What a project's `package.json` says. */
export interface Manifest {
  readonly type?: "module";
}

/** Makes a project of a folder and a manifest, and removes it in the end. */
export async function withProject(
  source: "browser" | "commonjs" | "program" | "suite",
  manifest: Manifest,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  mkdirSync(PROJECTS, { recursive: true });
  const folder = mkdtempSync(join(PROJECTS, "project-"));
  try {
    cpSync(join(HERE, source), folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    await installPackage(folder);
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
