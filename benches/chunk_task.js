/**
 * A hand-made chunk: one task that runs another on each item of an array, as users of a pool
 * without `map` write it.
 *
 * @module
 */

// @ts-self-types="./chunk_task.d.ts"

import * as tasks from "./tasks.js";

export function runOnAll(name, items) {
  const task = tasks[name];
  return items.map((item) => task(item));
}
