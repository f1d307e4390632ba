/**
 * Minifies modules: each task reads a file and gives its shorter text.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { minify } from "terser";
import { filesOf } from "../job_inputs.js";

/**
 * @param {number} count
 * @returns {string[]}
 */
export function inputs(count) {
  return filesOf("lodash-es", ".js", count);
}

/**
 * @param {string} path
 * @returns {Promise<string | undefined>}
 */
export async function run(path) {
  const { code } = await minify(readFileSync(path, "utf8"), { module: true });
  return code;
}
