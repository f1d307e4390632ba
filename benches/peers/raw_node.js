/**
 * For workers without a pool, on Node.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import { answer } from "./raw_task.js";

parentPort.on("message", (message) => {
  answer(message, (reply, transfer) => parentPort.postMessage(reply, transfer));
});
