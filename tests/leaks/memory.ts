/**
 * What a thread holds, on whatever runtime.
 *
 * @module
 */

import process from "node:process";

/** Where the runtimes have their collector; Node and Deno must be told to show it. */
const { Bun, gc } = globalThis as {
  readonly Bun?: { gc(now: boolean): void };
  readonly gc?: () => void;
};

/** Frees what nothing refers to, if the runtime lets one ask for it. */
export function collectGarbage(): void {
  if (Bun !== undefined) Bun.gc(true);
  else gc?.();
}

/** Bytes that this thread's program refers to, as far as the runtime counts them. */
export function heapUsed(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
