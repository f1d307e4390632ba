/**
 * Makes what is measured: on Node and Bun the package as npm installs it, and benches without types.
 * On Deno the name of the package means the sources.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { runtimePath, RUNTIMES } from "../tools/runtimes.ts";
import type { Runtime } from "./contestant.ts";

/** How each runtime starts a program of this folder; its name follows, and then its arguments. */
export type Launchers = Readonly<Record<Runtime, (program: string) => string[]>>;

const ROOT = new URL("../", import.meta.url).pathname;
const BENCHES = `${ROOT}benches/`;
/** What the benches are copied to, with the package beside them. */
const PACKAGE = `${BENCHES}.package/`;
/** What is in them is transpiled, or copied. */
const FOLDERS = ["", "contestants/", "job_pools/", "jobs/", "peers/", "workloads/"];

/** Installs the runtimes that are wanted, builds the package, and transpiles the benches. */
export async function prepare(wanted: readonly Runtime[]): Promise<Launchers> {
  const [node, bun] = [await install("node24", wanted), await install("bun", wanted)];
  await Deno.remove(PACKAGE, { recursive: true }).catch(() => {});
  await build();
  await transpile();
  return {
    node24: (program) => [node, `${PACKAGE}benches/${program}.js`],
    bun: (program) => [bun, `${PACKAGE}benches/${program}.js`],
    deno: (program) => [Deno.execPath(), "run", "-A", existing(`${BENCHES}${program}`)],
  };
}

/** Returns the path of a runtime's binary, and nothing where it is not wanted. */
async function install(name: Runtime, wanted: readonly Runtime[]): Promise<string> {
  const runtime = RUNTIMES[name];
  return runtime && wanted.includes(name) ? await runtimePath(runtime) : "";
}

function existing(program: string): string {
  return existsSync(`${program}.ts`) ? `${program}.ts` : `${program}.js`;
}

/** Puts the package where Node and Bun look for it by its name: few files, which start faster. */
async function build(): Promise<void> {
  const out = `${PACKAGE}node_modules/@polypool/pool`;
  await run(Deno.execPath(), "run", "-A", "tools/build_npm.ts", "--out", out);
}

/** Spares Node the transpiling at each start: no program that is measured would do it. */
async function transpile(): Promise<void> {
  const files = FOLDERS.map((name) => `benches/${name}`).flatMap(programs);
  const sources = files.filter((file) => file.endsWith(".ts"));
  await run(Deno.execPath(), "transpile", "--no-check", "--outdir", PACKAGE, ...sources);
  // A folder may have nothing that is transpiled.
  for (const name of FOLDERS) await Deno.mkdir(`${PACKAGE}benches/${name}`, { recursive: true });
  for (const file of files) await finish(file);
}

function programs(folder: string): string[] {
  const names = [...Deno.readDirSync(`${ROOT}${folder}`)].map(({ name }) => `${folder}${name}`);
  return names.filter((name) => /(?<!\.d)\.ts$|\.js$/.test(name));
}

/** Copies JavaScript; lets what was transpiled name what was transpiled. */
async function finish(file: string): Promise<void> {
  if (file.endsWith(".js")) return await Deno.copyFile(`${ROOT}${file}`, `${PACKAGE}${file}`);
  const path = `${PACKAGE}${file.replace(/ts$/, "js")}`;
  const code = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, code.replace(/("\.\.?\/[^"\n]*)\.ts"/g, '$1.js"'));
}

async function run(command: string, ...args: string[]): Promise<void> {
  const options = { args, cwd: ROOT, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const { success, stderr } = await new Deno.Command(command, options).output();
  if (!success) {
    const text = new TextDecoder().decode(stderr);
    throw new Error(`Cannot prepare the benches as '${args[0]}' failed: ${text}`);
  }
}
