/** For scripts that are no modules: they know the page, but not their own URL. */
export function makeWorker(): Worker {
  return new Worker(new URL("./tasks.worker.js", document.baseURI));
}
