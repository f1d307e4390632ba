import type { TaskCode } from "../core/worker/task_loader.ts";
import { openInlineWorker } from "./inline.ts";
import { type NodeWorker, nodeWorkerThreads, openNodeWorker, startNodeWorker } from "./node.ts";
import type { WorkerLike, WorkerListener, WorkerPort } from "./port.ts";
import { openWebWorker } from "./web.ts";

/** Where a pool's workers come from. */
export interface WorkerSource {
  /** The pool's own worker file. */
  readonly url: URL;
  /** Makes each worker in the caller's way. */
  readonly factory: (() => WorkerLike) | undefined;
  /** Where there are no workers: the functions that the caller passed, which run on its thread. */
  readonly local: ReadonlyMap<string, TaskCode> | undefined;
}

/** Workers that can be used at a time on this machine. */
export function defaultWorkers(): number {
  return globalThis.navigator?.hardwareConcurrency || 1;
}

/** How long idle workers stay by default: not for long where they keep the process alive. */
export function defaultIdleTimeout(): number {
  return globalThis.Worker === undefined || "unref" in Worker.prototype ? Infinity : 1_000;
}

/**
 * Starts a worker.
 *
 * @throws Whatever the caller's factory, or the platform, throws.
 */
export function spawnWorker(
  source: WorkerSource,
  name: string,
  listener: WorkerListener,
): WorkerPort {
  if (source.local !== undefined) return openInlineWorker(source.local, listener);
  if (source.factory !== undefined) return openServedWorker(source.factory(), listener);
  if (globalThis.Worker !== undefined) {
    return openWebWorker(new Worker(source.url, { type: "module", name }), false, listener);
  }
  const threads = nodeWorkerThreads();
  if (threads === undefined) {
    throw new TypeError("Cannot start a worker as there is no Worker here");
  }
  return openNodeWorker(startNodeWorker(threads, source.url, name), false, listener);
}

function openServedWorker(worker: WorkerLike, listener: WorkerListener): WorkerPort {
  if (globalThis.Worker !== undefined && worker instanceof Worker) {
    return openWebWorker(worker, true, listener);
  }
  if (isNodeWorker(worker)) return openNodeWorker(worker, true, listener);
  // It may be a thread all the same, or the promise of one. If that does not end, nobody else knows how.
  Promise.resolve(worker).then((refused) => refused.terminate()).catch(() => {});
  throw new TypeError(`Cannot use the worker as 'worker' must return a Worker: ${typeof worker}`);
}

function isNodeWorker(worker: unknown): worker is NodeWorker {
  return typeof worker === "object" && worker !== null && "on" in worker && "unref" in worker;
}
