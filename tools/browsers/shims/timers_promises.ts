/**
 * What `node:timers/promises` can be in a browser.
 *
 * @module
 */

const after = globalThis.setTimeout;

/** Resolves in so many milliseconds. */
export function setTimeout<T>(ms: number, value?: T): Promise<T | undefined> {
  return new Promise((resolve) => after(resolve, ms, value));
}
