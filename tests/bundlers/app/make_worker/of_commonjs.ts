import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** For CommonJS that runs on Node: there is no `import.meta.url`. */
export function makeWorker(): Worker {
  return new Worker(join(__dirname, "tasks.worker.js"));
}
