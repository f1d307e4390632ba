/**
 * How the conformance tests hold workers still and let them go: no test sleeps for luck.
 *
 * @module
 */

import { clearTimeout as clearNodeTimeout, setTimeout as setNodeTimeout } from "node:timers";
import { Pool, type PoolOptions } from "../../mod.ts";

/** Milliseconds in which anything that a test waits for must have come. */
const LIMIT = 30_000;

/** Milliseconds past which a test has failed, so that one that hangs does not take its file along. */
const TEST_LIMIT = 60_000;

/** A gate at which tasks wait, shared with the workers through its cells. */
export class Gate {
  /** Cell 0 is 1 once the gate is open; cell 1 counts the tasks that have come to it. */
  readonly cells: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(8));

  /** How many tasks have come to the gate. */
  get arrivals(): number {
    return Atomics.load(this.cells, 1);
  }

  /** Lets through all who wait and all who come later. */
  open(): void {
    Atomics.store(this.cells, 0, 1);
    Atomics.notify(this.cells, 0);
  }
}

/**
 * Lends a pool and a gate, and ends the pool whatever happens.
 *
 * The gate opens first: Deno cannot end a worker that waits at it.
 */
export async function withPool<T>(
  options: PoolOptions,
  use: (pool: Pool, gate: Gate) => Promise<T>,
): Promise<T> {
  const gate = new Gate();
  const pool = new Pool(options);
  try {
    return await soon(use(pool, gate));
  } finally {
    gate.open();
    await pool.terminate();
    await pool.join();
  }
}

/** Rejects when a test takes too long. */
async function soon<T>(result: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Error("Cannot wait longer as this test must have hung"));
  // Holding the process would hide that a busy pool does not hold it.
  const timer = setNodeTimeout(giveUp, TEST_LIMIT).unref();
  try {
    return await Promise.race([result, promise]);
  } finally {
    clearNodeTimeout(timer);
  }
}

/** Waits until something is true, which only the workers can make so. */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + LIMIT;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`Cannot go on as this never came: ${isTrue}`);
    await new Promise((wake) => setTimeout(wake, 1));
  }
}

/** The numbers from 0 up to, not including, `length`. */
export function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** One mark for each task, set by the workers. */
export function marks(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(64 * Int32Array.BYTES_PER_ELEMENT));
}

/** The tasks that have set their mark. */
export function marked(ran: Int32Array): number[] {
  return range(ran.length).filter((index) => Atomics.load(ran, index) === 1);
}
