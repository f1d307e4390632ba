/**
 * For workers without a pool, on Bun and Deno.
 *
 * @module
 */

import { answer } from "./raw_task.js";

globalThis.onmessage = ({ data }) => {
  answer(data, (reply, transfer) => globalThis.postMessage(reply, transfer));
};
