import { Worker } from "node:worker_threads";

/** For modules that run on Node. */
export function makeWorker(): Worker {
  return new Worker(new URL("./tasks.worker.js", import.meta.url));
}
