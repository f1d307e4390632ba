/**
 * For workers without a pool: does what a message says.
 *
 * @module
 */

import { runOnAll } from "../chunk_task.js";
import * as tasks from "../tasks.js";

const TASKS = {
  ...tasks,
  runOnAll: ({ task, items }) => runOnAll(task, items),
};

export function answer({ id, task, argument, move }, post) {
  const result = TASKS[task](argument);
  if (move) post({ id, result }, [result.buffer]);
  else post({ id, result });
}
