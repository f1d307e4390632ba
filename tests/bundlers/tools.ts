/**
 * The programs that build, and those that run what was built.
 *
 * @module
 */

import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { toolPath } from "./project.ts";

const RUNTIMES = fileURLToPath(new URL("../../.runtimes/", import.meta.url));

/** Node of the version that runs this. */
export const NODE: string = process.execPath;
/** Node 26, if it is there: `deno task test` installs it. */
export const NODE_26: string | undefined = installedRuntime("node-26.", "node");
/** Bun, if it is there: `deno task test` installs it. */
export const BUN: string | undefined = installedRuntime("bun-", "bun");
/** The Deno that makes the package, if there is one. */
export const DENO: string | undefined = process.env["POLYPOOL_DENO"];

/** The words that call a tool of this folder's. */
export function nodeTool(path: string): string[] {
  return [NODE, toolPath(path)];
}

function installedRuntime(prefix: string, name: string): string | undefined {
  if (!existsSync(RUNTIMES)) return undefined;
  const version = readdirSync(RUNTIMES).findLast((folder) => folder.startsWith(prefix));
  if (version === undefined) return undefined;
  const files = readdirSync(`${RUNTIMES}${version}/node_modules`, { recursive: true });
  const path = files.map(String).find((file) => file.endsWith(`/bin/${name}`));
  return path && `${RUNTIMES}${version}/node_modules/${path}`;
}
