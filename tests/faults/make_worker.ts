import { Worker as NodeWorker } from "node:worker_threads";
import type { WorkerLike } from "../../mod.ts";

/** Makes a worker of whichever kind there is here; only on Node its heap can be limited. */
export function makeWorker(url: URL, maxOldGenerationSizeMb?: number): WorkerLike {
  if (globalThis.Worker !== undefined) return new Worker(url, { type: "module" });
  if (maxOldGenerationSizeMb === undefined) return new NodeWorker(url);
  return new NodeWorker(url, { resourceLimits: { maxOldGenerationSizeMb } });
}
