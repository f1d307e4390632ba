/** For bundlers that make a file of what stands in `new Worker(new URL(…, import.meta.url))`. */
export function makeWorker(): Worker {
  return new Worker(new URL("./tasks.worker.ts", import.meta.url), { type: "module" });
}
