/**
 * Files of the repository as a page can load them.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { isBuiltin, stripTypeScriptTypes } from "node:module";
import { build } from "esbuild";

const ROOT = new URL("../../", import.meta.url);

/** Where modules of Node's, and packages, are for pages. */
const PLACES: Readonly<Record<string, string>> = {
  "node:test": "/tools/browsers/shims/test.ts",
  "node:process": "/tools/browsers/shims/process.ts",
  "node:timers": "/tools/browsers/shims/timers.ts",
  "node:timers/promises": "/tools/browsers/shims/timers_promises.ts",
  "node:assert/strict": "/packages/assert",
  "fast-check": "/packages/fast-check",
};

/** What a page gets of each package. */
const PACKAGES: Readonly<Record<string, string>> = {
  assert: `import assert from "assert/"; export default assert.strict;`,
  "fast-check": `export * from "fast-check"; export { default } from "fast-check";`,
};

/** What a module names that it needs, but for what has a path. Import maps do not reach workers. */
const SPECIFIER = /(\bfrom\s*|\bimport\s*\(?\s*)"([\w@][^"]*)"/g;

/** A file as a module of JavaScript, with every line and column in its place. */
export async function scriptOf(path: string): Promise<string> {
  const text = await readFile(new URL(`.${path}`, ROOT), "utf8");
  const script = path.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
  return script.replace(SPECIFIER, (whole, before, name) => {
    const place = PLACES[name] ?? (isBuiltin(name) ? `/absent/${name}` : undefined);
    return place === undefined ? whole : `${before}"${place}"`;
  });
}

/** A file with all that it imports: workers are started by the thousand, and load it each. */
export async function bundleOf(path: string): Promise<string> {
  const entryPoints = [new URL(`.${path}`, ROOT).pathname];
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: "esm" });
  return outputFiles.map(({ text }) => text).join("");
}

/** A package as one module. */
export async function packageOf(name: string): Promise<string> {
  const contents = PACKAGES[name];
  if (contents === undefined) throw new RangeError(`Cannot bundle ${name}`);
  const { outputFiles: [file] } = await build({
    stdin: { contents, resolveDir: new URL(".", ROOT).pathname },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    // Packages that were made for Node ask for these.
    define: { global: "globalThis", "process.env.NODE_DEBUG": "undefined" },
    banner: { js: "const process = { env: {} };" },
  });
  return file?.text ?? "";
}

/** A module of Node's, none of whose exports can be used. */
export async function absenceOf(name: string): Promise<string> {
  const names = Object.keys(await import(name)).filter((key) => key !== "default");
  return [
    `import { absent } from "/tools/browsers/shims/absent.ts";`,
    `const nothing = absent(${JSON.stringify(name)});`,
    `export default nothing;`,
    ...names.map((key) => `const ${key}_ = nothing;\nexport { ${key}_ as ${key} };`),
  ].join("\n");
}
