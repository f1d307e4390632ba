import { checkWebWorkers, isForeign, NoStartError, startWorker } from "./runtime/start.ts";
import { isNode } from "./runtime/platform.ts";
import type { WorkerLike } from "./runtime/port.ts";

/** Never called: it puts the worker's file into the module graph, so that it is shipped and transpiled. */
export const loadWorker = (): Promise<unknown> => import("./worker.ts");

/** In a variable, as bundlers make a file of each URL that they can follow; not there in a script. */
const here: string | undefined = import.meta.url;

/**
 * Where the worker's file is, unless a bundler has put it elsewhere: npm installs
 * hold the transpiled `.js`; everywhere else the source runs as it is.
 */
export function defaultWorkerUrl(): URL | undefined {
  if (here === undefined || !URL.canParse(here)) return undefined;
  return new URL(here.endsWith(".ts") ? "worker.ts" : "worker.js", here);
}

/**
 * Starts a worker of the kind that a pool has by default.
 *
 * @throws {NoStartError} If there can be none.
 */
export function startDefaultWorker(name: string): WorkerLike {
  const url = defaultWorkerUrl();
  if (!isNode()) checkWebWorkers();
  if (url === undefined) {
    throw new NoStartError(
      "Cannot start a worker as a bundle that is no module does not say where its file is, give " +
        "the pool its option 'worker', such as embeddedWorker of npm's package: undefined",
    );
  }
  if (isNode() || url.href.endsWith(".ts") || isForeign(url)) return startWorker(url, name);
  // Bundlers follow this text as it stands, and put in the URL of the file that they make.
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module", name });
}
