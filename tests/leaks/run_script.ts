/**
 * Runs a program that may call the garbage collector, and reads what it prints.
 *
 * @module
 */

import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtime } from "../fixtures/runtime.ts";

/** Shows V8's garbage collector, and forgets texts that were compiled: newer ones keep them all. */
const V8_FLAGS = ["--expose-gc", "--no-compilation-cache"];

const ARGUMENTS = {
  browser: [],
  bun: [],
  deno: ["run", "-A", "--no-check", `--v8-flags=${V8_FLAGS}`],
  node: V8_FLAGS,
}[runtime];

/** Runs a script of this folder; it must end by itself within `killAfter` ms. */
export async function runScript<T>(
  name: string,
  args: readonly string[],
  killAfter: number,
): Promise<T> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const command = [...ARGUMENTS, path, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: killAfter });
  return JSON.parse(stdout);
}
