/**
 * For workerpool: registers the tasks in a worker.
 *
 * @module
 */

import workerpool from "workerpool";
import { runOnAll } from "../chunk_task.js";
import * as tasks from "../tasks.js";

workerpool.worker({
  ...tasks,
  runOnAll,
  echoMoved: (/** @type {Uint8Array<ArrayBuffer>} */ buffer) =>
    new workerpool.Transfer(buffer, [buffer.buffer]),
});
