import type { TaskCode } from "../core/wire/source_text.ts";
import { startNodeWorker } from "./node.ts";
import { isNode, nodeWorkerThreads } from "./platform.ts";
import type { WorkerLike } from "./port.ts";

/** Where a pool's workers come from. */
export interface WorkerSource {
  /** Makes each of them; the name is what devtools show. */
  readonly start: StartWorker;
  /** Whether their file is the caller's own, which says when it listens. */
  readonly isServed: boolean;
  /** Their file, where it is the pool's own. */
  readonly file?: URL | undefined;
  /** Where there are no workers: the functions that the caller passed, which run on its thread. */
  readonly local?: ReadonlyMap<string, TaskCode> | undefined;
}

/** Makes a worker; the name is what devtools show. */
export type StartWorker = (name: string) => WorkerLike;

/** No start can succeed here, as this library knows itself. */
export class NoStartError extends TypeError {}

/**
 * Starts a worker of a file, or of the text of a script.
 *
 * @throws {NoStartError} If there are no workers.
 */
export function startWorker(code: URL | string, name: string): WorkerLike {
  // A `Worker` that Node has not itself is somebody's stand-in.
  const threads = isNode() ? nodeWorkerThreads() : undefined;
  if (threads !== undefined) return startNodeWorker(threads, code, name);
  // Before all else: where there are no workers there may be no blobs either.
  checkWebWorkers();
  return new Worker(urlOf(code), { type: "module", name });
}

/** Whether a file is of another origin than this page: no worker can be made of such a one as it is. */
export function isForeign({ protocol, origin }: URL): boolean {
  const { location } = globalThis as { location?: { readonly origin: string } };
  if ("Deno" in globalThis || location === undefined) return false;
  return /^https?:$/.test(protocol) && origin !== location.origin;
}

/** @throws {NoStartError} If there are no workers of the web's kind. */
export function checkWebWorkers(): void {
  if (globalThis.Worker !== undefined) return;
  throw new NoStartError(
    "Cannot start a worker as there is no Worker here, have tasks run on the calling thread by " +
      "'workers: 0': undefined",
  );
}

/** What the web makes a worker of: a module may import what a worker may not be made of. */
function urlOf(code: URL | string): URL | string {
  if (typeof code === "string") return blobOf(code);
  return isForeign(code) ? blobOf(`import ${JSON.stringify(code.href)};`) : code;
}

/** They stay: workers read them at some later time. */
const blobs = new Map<string, string>();

function blobOf(text: string): string {
  let url = blobs.get(text);
  if (url === undefined) {
    url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    blobs.set(text, url);
  }
  return url;
}
