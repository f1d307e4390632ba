/**
 * Formats TypeScript: each task reads a file and gives its text in another layout.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { format } from "prettier";
import { filesOf } from "../job_inputs.js";

/**
 * @param {number} count
 * @returns {string[]}
 */
export function inputs(count) {
  return filesOf("rxjs", ".ts", count, "./src/");
}

/**
 * @param {string} path
 * @returns {Promise<string>}
 */
export function run(path) {
  return format(readFileSync(path, "utf8"), { filepath: path, printWidth: 100 });
}
