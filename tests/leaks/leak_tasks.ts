/**
 * Task functions for the scenarios: nothing else is loaded, so that workers start fast.
 *
 * @module
 */

import process from "node:process";
import { collectGarbage, heapUsed } from "./memory.ts";

export function identity<T>(value: T): T {
  return value;
}

export function fail(item: unknown): never {
  throw new RangeError(`item ${item}`);
}

/** Ends the thread: Deno runs on for a moment after the call. */
export function exit(): Promise<never> {
  process.exit(1);
  return hang();
}

/** Never ends by itself, but does not block its thread either. */
export function hang(): Promise<never> {
  return new Promise(() => {});
}

/** What this worker's heap holds, in bytes. */
export function workerHeap(): number {
  collectGarbage();
  return heapUsed();
}

export function returnUnclonable(): () => void {
  return () => {};
}

/** Counts up as long as this worker lives. */
export function beat(pulse: Int32Array<SharedArrayBuffer>): void {
  setInterval(() => Atomics.add(pulse, 0, 1), 5);
}
