/**
 * What tasks note of themselves in shared memory, where no death can take it away.
 *
 * @module
 */

import { type Gate, makeGate } from "../fixtures/gate.ts";
import type { Death } from "./plan.ts";

/** Notes of one task: how often it began, gave a value and threw, and which workers ran it. */
const CELLS = 7;
const BEGUN = 0;
const VALUES = 1;
const THROWS = 2;
const FIRST_WORKER = 3;

/** Most runs of one task whose workers are noted. */
const NOTED_RUNS = CELLS - FIRST_WORKER;

/** Ways to die, by the numbers that stand for them. */
const DEATHS: readonly Death[] = ["exit", "error", "rejection", "close", "denoExit"];

/** Most workers that a pool may start in one run. */
const MAX_WORKERS = 1 << 14;

/** The notes of all tasks; it travels with each of them. */
export interface Ledger {
  readonly tasks: Int32Array<SharedArrayBuffer>;
  /** The last plan for each worker's death: 0 for none, odd for one at once, even for later. */
  readonly doomed: Int32Array<SharedArrayBuffer>;
  /** Where tasks wait that do not end. */
  readonly gate: Gate;
}

/** What is noted of one task. */
export interface Notes {
  readonly begun: number;
  readonly values: number;
  readonly throws: number;
  /** The workers that ran it, in order. */
  readonly workers: readonly number[];
}

/** Makes an empty ledger. */
export function makeLedger(tasks: number): Ledger {
  const cells = (count: number) => new Int32Array(new SharedArrayBuffer(count * 4));
  return { tasks: cells(tasks * CELLS), doomed: cells(MAX_WORKERS), gate: makeGate() };
}

/** Number of the worker that has a name. */
export function numberOf(workerName: string): number {
  return Number(/\d+$/.exec(workerName));
}

// Called in workers

/** A task begins; gives which run of it this is, from 1 on. */
export function noteBegin({ tasks }: Ledger, id: number, worker: number): number {
  const run = Atomics.add(tasks, id * CELLS + BEGUN, 1) + 1;
  const cell = FIRST_WORKER + Math.min(run, NOTED_RUNS) - 1;
  Atomics.store(tasks, id * CELLS + cell, worker);
  return run;
}

/** A task is about to return. */
export function noteValue({ tasks }: Ledger, id: number): void {
  Atomics.add(tasks, id * CELLS + VALUES, 1);
}

/** A task is about to throw. */
export function noteThrow({ tasks }: Ledger, id: number): void {
  Atomics.add(tasks, id * CELLS + THROWS, 1);
}

/** A worker is going to die. */
export function noteDoom(
  { doomed }: Ledger,
  worker: number,
  death: Death,
  when: "now" | "later",
): void {
  Atomics.store(doomed, worker, DEATHS.indexOf(death) * 2 + (when === "now" ? 1 : 2));
}

// Called by the checks

/** What is noted of a task. */
export function notesOf({ tasks }: Ledger, id: number): Notes {
  const [begun = 0, values = 0, throws = 0, ...workers] = tasks.subarray(
    id * CELLS,
    (id + 1) * CELLS,
  );
  return { begun, values, throws, workers: workers.slice(0, begun) };
}

/** Whether some task planned the death of a worker. */
export function isDoomed({ doomed }: Ledger, worker: number): boolean {
  return (doomed[worker] ?? 0) > 0;
}

/** What is known of a worker's end, in words. */
export function doomOf({ doomed }: Ledger, worker: number): string {
  const plan = doomed[worker] ?? 0;
  const death = DEATHS[(plan - 1) >> 1];
  if (death === undefined) return `worker ${worker} (not to die)`;
  return `worker ${worker} (${death} ${plan % 2 === 1 ? "in a task" : "in a timer"})`;
}

/** How many workers were to die. */
export function countDoomed({ doomed }: Ledger): number {
  return doomed.filter((plans) => plans > 0).length;
}
