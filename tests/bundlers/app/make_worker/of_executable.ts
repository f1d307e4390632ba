import { getAsset } from "node:sea";
import { Worker } from "node:worker_threads";

/** For Node's single executables, which carry the worker's text along. */
export function makeWorker(): Worker {
  return new Worker(getAsset("tasks.worker.js", "utf8"), { eval: true });
}
