/**
 * What this process holds.
 *
 * @module
 */

import process from "node:process";

/** The most memory that it has held, in MiB. */
export function peakRssMib(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** The memory that it holds now, in MiB. */
export function rssMib(): number {
  return process.memoryUsage().rss / 1024 / 1024;
}
