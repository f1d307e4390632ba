/**
 * The pinned runtimes that the suite runs on, and where their binaries are.
 *
 * @module
 */

import { existsSync } from "node:fs";

/** A runtime that the suite runs on. */
export interface Runtime {
  /** How to call it: decides its test command. */
  readonly kind: "bun" | "deno" | "node";
  /** Exact version; for Deno whichever one runs the tools. */
  readonly version: string;
}

/** Every runtime, by the name that `--only` takes. */
export const RUNTIMES: Readonly<Record<string, Runtime>> = {
  deno: { kind: "deno", version: Deno.version.deno },
  bun: { kind: "bun", version: "1.4.5" },
  node22: { kind: "node", version: "22.23.3" },
  node24: { kind: "node", version: "24.9.0" },
  node26: { kind: "node", version: "26.9.0" },
};

const ROOT = new URL("../", import.meta.url).pathname;

/** What is being installed, by its folder: whoever runs beside another waits for the same. */
const installs = new Map<string, Promise<void>>();

/** Returns the path of a runtime's binary, after installing it when it is missing. */
export async function runtimePath({ kind, version }: Runtime): Promise<string> {
  if (kind === "deno") return Deno.execPath();
  const folder = `${ROOT}.runtimes/${kind}-${version}`;
  const name = packageName(kind);
  const path = `${folder}/node_modules/${name}/bin/${kind}`;
  if (installs.has(folder) || !existsSync(path)) await installOnce(folder, `${name}@${version}`);
  return path;
}

function installOnce(folder: string, spec: string): Promise<void> {
  const promise = installs.get(folder) ?? install(folder, spec);
  installs.set(folder, promise);
  return promise;
}

/** Names the npm package that holds one platform's binary, without an install script. */
function packageName(kind: "bun" | "node"): string {
  const { os } = Deno.build;
  const arm = Deno.build.arch === "aarch64";
  if (kind === "bun") return `@oven/bun-${os}-${arm ? "aarch64" : "x64"}`;
  return `${os === "darwin" && arm ? "node-bin" : "node"}-${os}-${arm ? "arm64" : "x64"}`;
}

async function install(folder: string, spec: string): Promise<void> {
  const args = ["install", "--prefix", folder, "--no-save", "--silent", spec];
  const { success } = await new Deno.Command("npm", { args, stdin: "null" }).spawn().status;
  if (!success) throw new Error(`Cannot install ${spec} as npm failed: see its output`);
}
