/**
 * Turns TypeScript into JavaScript: each task reads a file and gives its text without types.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import ts from "typescript";
import { filesOf } from "../job_inputs.js";

const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2017 };

/**
 * @param {number} count
 * @returns {string[]}
 */
export function inputs(count) {
  return filesOf("rxjs", ".ts", count, "./src/");
}

/**
 * @param {string} path
 * @returns {string}
 */
export function run(path) {
  return ts.transpileModule(readFileSync(path, "utf8"), { compilerOptions }).outputText;
}
