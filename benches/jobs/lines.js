/**
 * Sums up a log of JSON lines: each task gets about a mebibyte of text, and gives a few numbers.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { fileMade, randomFrom } from "../job_inputs.js";

const MIB = 2 ** 20;

const KINDS = ["open", "read", "write", "close"];

/**
 * @param {number} count
 * @returns {string[]}
 */
export function inputs(count) {
  const text = readFileSync(fileMade(`log_${count}.ndjson`, () => writeLog(count * MIB)), "utf8");
  const parts = [];
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start + MIB) + 1 || text.length;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

/**
 * @param {string} text
 * @returns {Record<string, { count: number, bytes: number, longest: number }>}
 */
export function run(text) {
  const totals = Object.fromEntries(
    KINDS.map((kind) => [kind, { count: 0, bytes: 0, longest: 0 }]),
  );
  for (const line of text.trimEnd().split("\n")) {
    const { kind, bytes, ms } = JSON.parse(line);
    const total = totals[kind];
    total.count++;
    total.bytes += bytes;
    total.longest = Math.max(total.longest, ms);
  }
  return totals;
}

/**
 * @param {number} length
 * @returns {string}
 */
function writeLog(length) {
  const random = randomFrom(length);
  const lines = [];
  for (let id = 0, left = length; left > 0; id++) {
    const kind = KINDS[Math.floor(random() * KINDS.length)];
    const user = `user ${Math.floor(random() * 10_000)}`;
    const [bytes, ms] = [Math.floor(random() * 1e6), Math.round(random() * 1e5) / 100];
    const line = JSON.stringify({ id, kind, user, bytes, ms, tags: ["log", kind] });
    lines.push(line);
    left -= line.length + 1;
  }
  return `${lines.join("\n")}\n`;
}
