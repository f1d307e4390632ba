import type { WorkerLike } from "./port.ts";
import { startText, type StartWorker } from "./start.ts";

/** Says in every copy of the package that a factory's workers are the pool's own; 1 is the shape of that. */
const EMBEDDED = Symbol.for("polypool.embedded.1");

/**
 * Makes a value for the option `worker` whose workers are those that a pool has
 * by default, where no file can be had for them.
 *
 * @param text The worker's code: a script, not a module.
 */
export function embed(text: string): () => WorkerLike {
  const start = (name = "polypool"): WorkerLike => startText(text, name);
  return Object.defineProperty(start, EMBEDDED, { value: start });
}

/** What starts the pool's own workers, if a factory was made by {@linkcode embed}. */
export function embeddedIn(factory: object | undefined): StartWorker | undefined {
  return factory && Object.getOwnPropertyDescriptor(factory, EMBEDDED)?.value;
}
