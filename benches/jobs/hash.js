/**
 * Hashes passwords: each task takes one, computes for long, and gives a short text.
 *
 * @module
 */

import { hashSync } from "bcryptjs";

/** Each more takes twice as long. */
const COST = 8;

/**
 * @param {number} count
 * @returns {string[]}
 */
export function inputs(count) {
  return Array.from({ length: count }, (_, n) => `password ${n}`);
}

/**
 * @param {string} password
 * @returns {string}
 */
export function run(password) {
  // Always the same, so that results can be compared: real ones are random.
  return hashSync(password, `$2b$${String(COST).padStart(2, "0")}$${"polypool".padEnd(22, ".")}`);
}
