/**
 * What a workload is, and what all of them need.
 *
 * @module
 */

import process from "node:process";
import type { Contestant, Metrics, Mode, OpenPool } from "./contestant.ts";

/** How large a workload is, by names of its own. */
export type Sizes = Readonly<Record<string, number>>;

/** Something to measure, for whoever can do it. */
export interface Workload<S extends Sizes = Sizes> {
  readonly sizes: Readonly<Record<"full" | "quick", S> & Partial<Record<"cold", S>>>;
  /** Who takes part in the quick form: all, all but the peers, or nobody. */
  readonly quick: "all" | "no peers" | "none";
  /** Whether all threads share one core in the cold mode: what else the system does, it does not repeat. */
  readonly isPinned?: boolean;
  /** Whether it says something of this library alone. */
  readonly subjectOnly?: boolean;
  /** Most rounds: fewer where they take long, and say little more. */
  readonly rounds?: Readonly<Partial<Record<Mode, number>>>;
  /** Seconds that one process may take in the full form; 60 if not said. */
  readonly limit?: number;
  /**
   * Measures in this process, which ends with it: its pools stay open, for not all can be closed.
   * Without it the parent measures, from outside.
   */
  measure?(contestant: Contestant, sizes: S): Promise<Metrics>;
}

/** Workers of every contestant. */
export const WORKERS = 2;

/** Opens a pool, and runs tasks until every worker is up, has loaded its code, and has run some. */
export async function openWarm(contestant: Contestant): Promise<OpenPool> {
  const pool = await contestant.open(WORKERS);
  await warmUp(pool);
  return pool;
}

/** Runs tasks until every worker has had some. */
export async function warmUp(pool: OpenPool): Promise<void> {
  await pool.ready?.();
  for (const ms of [20, 5, 1]) {
    const tasks = Array.from(
      { length: 2 * WORKERS },
      () => pool.call("spin", ms),
    );
    await Promise.all(tasks);
  }
  await Promise.all(
    Array.from({ length: 50 }, (_, n) => pool.call("increment", n)),
  );
}

/** Submits the same task for each argument at once, and waits for all. */
export function callAll(
  pool: OpenPool,
  task: Parameters<OpenPool["call"]>[0],
  items: readonly unknown[],
): Promise<unknown[]> {
  return Promise.all(items.map((item) => pool.call(task, item)));
}

/** Says how many milliseconds something takes, and what it gives. */
export async function timed<T>(run: () => T | Promise<T>): Promise<[ms: number, result: T]> {
  const start = performance.now();
  const result = await run();
  return [performance.now() - start, result];
}

/** CPU time of the whole process since a look at it: user and system, of all threads. */
export function cpuMsSince(before: { readonly user: number; readonly system: number }): number {
  const { user, system } = process.cpuUsage();
  return (user - before.user + system - before.system) / 1000;
}

/** Fails a measurement whose results are wrong. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) {
    throw new Error(
      `Wrong result: ${String(actual)} instead of ${String(expected)}`,
    );
  }
}

/** The numbers from 0 on, in an array without holes: with holes, copies of it are slow. */
export function countTo(length: number): number[] {
  const numbers: number[] = [];
  for (let n = 0; n < length; n++) numbers.push(n);
  return numbers;
}
