/**
 * For threads: exposes the tasks of a worker.
 *
 * @module
 */

import { expose, Transfer } from "threads/worker";
import { runOnAll } from "../chunk_task.js";
import * as tasks from "../tasks.js";

expose({
  ...tasks,
  runOnAll,
  echoMoved: (/** @type {Uint8Array<ArrayBuffer>} */ buffer) => Transfer(buffer, [buffer.buffer]),
});
