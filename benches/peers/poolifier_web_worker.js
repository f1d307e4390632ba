/**
 * For poolifier-web-worker: registers the tasks in a worker.
 *
 * @module
 */

import { ThreadWorker } from "poolifier-web-worker";
import { runOnAll } from "../chunk_task.js";
import * as tasks from "../tasks.js";

export default new ThreadWorker({
  ...tasks,
  callOnAll: ({ name, items }) => runOnAll(name, items),
});
