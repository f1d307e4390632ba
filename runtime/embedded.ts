import type { WorkerLike } from "./port.ts";

/** Where a value for the option `worker` has its text, in every copy of the package. */
const EMBEDDED = Symbol.for("polypool.embedded.1");

/**
 * Makes a value for the option `worker` by which the pool starts its own workers
 * of text that is at hand, where no file can be had for them.
 *
 * @param text The worker's code: a script, not a module.
 */
export function embed(text: string): () => WorkerLike {
  const forPools = (): never => {
    throw new TypeError("Cannot start a worker as this is only a value for a pool's 'worker'");
  };
  return Object.defineProperty(forPools, EMBEDDED, { value: text });
}

/** The text of the pool's own workers, if that is what a value for the option `worker` stands for. */
export function embeddedText(value: object | undefined): string | undefined {
  const text = value && Object.getOwnPropertyDescriptor(value, EMBEDDED)?.value;
  return typeof text === "string" ? text : undefined;
}
