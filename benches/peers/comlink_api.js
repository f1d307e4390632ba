/**
 * For comlink: what its workers expose.
 *
 * @module
 */

import { transfer } from "comlink";
import { runOnAll } from "../chunk_task.js";
import * as tasks from "../tasks.js";

export const api = {
  ...tasks,
  runOnAll,
  echoMoved: (/** @type {Uint8Array<ArrayBuffer>} */ buffer) => transfer(buffer, [buffer.buffer]),
};
