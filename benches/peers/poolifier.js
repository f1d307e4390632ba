/**
 * For poolifier: registers the tasks in a worker.
 *
 * @module
 */

import { ThreadWorker } from "poolifier";
import { runOnAll } from "../chunk_task.js";
import * as tasks from "../tasks.js";

export default new ThreadWorker({
  ...tasks,
  callOnAll: ({ name, items }) => runOnAll(name, items),
});
