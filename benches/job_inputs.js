/**
 * What jobs work on: files of packages, or files that are made once, always the same.
 *
 * @module
 */

// @ts-self-types="./job_inputs.d.ts"

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function filesOf(packageName, ending, count, folder = "./") {
  const root = fileURLToPath(new URL(folder, import.meta.resolve(`${packageName}/package.json`)));
  const names = readdirSync(root, { recursive: true }).filter((name) => name.endsWith(ending));
  if (names.length < count) throw new RangeError(`Only ${names.length} files are in ${root}`);
  return names.sort().slice(0, count).map((name) => `${root}${name}`);
}

export function fileMade(name, make) {
  const folder = new URL("./.inputs/", import.meta.url);
  const path = fileURLToPath(new URL(name, folder));
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, make());
  }
  return path;
}

export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
