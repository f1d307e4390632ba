/**
 * For piscina and tinypool: a module whose exports are the tasks, each of one argument.
 *
 * @module
 */

import { runOnAll } from "../chunk_task.js";

export * from "../tasks.js";

/**
 * @param {{ name: Parameters<typeof runOnAll>[0], items: readonly unknown[] }} chunk
 * @returns {unknown[]}
 */
export function callOnAll({ name, items }) {
  return runOnAll(name, items);
}
