/** For bundlers that are told to make a file of the worker, beside that of the app. */
export function makeWorker(): Worker {
  return new Worker(new URL("./tasks.worker.js", import.meta.url), { type: "module" });
}
