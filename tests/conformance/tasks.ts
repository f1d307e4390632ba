/**
 * What the conformance tests run in workers. No test is imported here: Bun
 * refuses to load one in a worker, and Node would run it again.
 *
 * @module
 */

import process from "node:process";
import { collectGarbage } from "./garbage.ts";

/** An index, and the cells of a gate. */
export type Gated = readonly [index: number, gate: Int32Array];

/** An index, whether its task fails, and where it leaves a mark that it ran. */
export type Step = readonly [index: number, fails: boolean, ran: Int32Array];

/** An index, the worker that ran it, and what the initializer had left there. */
export type Initialized = [index: number, worker: string, marks: string[]];

/** Milliseconds after which a task gives up waiting: a test that forgets its gate must fail. */
const LIMIT = 30_000;

const HOUR = 3_600_000;

/** This worker, and no other before or after it. */
const worker = crypto.randomUUID();

/** What the initializer was called with in this worker. */
const initializations: string[] = [];

/** The arguments that this worker has seen, as far as anybody still holds them. */
const seen: WeakRef<object>[] = [];

export function square(n: number): number {
  return n * n;
}

export function add(left: number, right: number): number {
  return left + right;
}

export function echo(value: unknown): unknown {
  return value;
}

export function runOrFail(index: number, fails: boolean, ran: Int32Array): number {
  Atomics.store(ran, index, 1);
  if (fails) throw new RangeError(`item ${index}`);
  return index;
}

export function runOrFailOne([index, fails, ran]: Step): number {
  return runOrFail(index, fails, ran);
}

export function waitAtGate(index: number, gate: Int32Array): number {
  Atomics.add(gate, 1, 1);
  if (Atomics.wait(gate, 0, 0, LIMIT) === "timed-out") throw new Error("The gate stayed shut");
  return index;
}

export function waitAtGateOne([index, gate]: Gated): number {
  return waitAtGate(index, gate);
}

/** Item 0 waits for the gate; the others pass. */
export function firstWaits([index, gate]: Gated): number {
  return index === 0 ? waitAtGate(index, gate) : index;
}

/** Item 1 lets item 0 pass, so that 0 ends after 1 has begun. */
export function firstWaitsForSecond([index, gate]: Gated): number {
  if (index === 1) openGate(gate);
  return firstWaits([index, gate]);
}

/** All fail, item 0 only when the gate is open. */
export function firstFailsLast([index, gate]: Gated): never {
  firstWaits([index, gate]);
  throw new RangeError(`item ${index}`);
}

/** Item 0 fails at once; the others wait. */
export function failOrWait([index, gate]: Gated): number {
  if (index === 0) throw new RangeError("item 0");
  return waitAtGate(index, gate);
}

/** Fails with a message of a megabyte; item 1 only when the gate is open. */
export function failAtLength([index, gate]: Gated): never {
  if (index === 1) waitAtGate(index, gate);
  throw new RangeError("x".repeat(1_000_000));
}

export function taskAndWorker(index: number): [index: number, worker: string] {
  return [index, worker];
}

export function waitAndNameWorker([index, gate]: Gated): [index: number, worker: string] {
  return [waitAtGate(index, gate), worker];
}

export function workerId(): string {
  return worker;
}

export function initialize(mark: string): void {
  initializations.push(mark);
}

export function failToInitialize(): never {
  throw new RangeError("no instrument");
}

export function initialized(index: number): Initialized {
  return [index, worker, [...initializations]];
}

/** Waits for the other of two tasks, so that each of two workers runs one. */
export function meetAndTell([index, meeting]: Gated): Initialized {
  Atomics.add(meeting, 0, 1);
  Atomics.notify(meeting, 0);
  while (Atomics.load(meeting, 0) < 2) {
    if (Atomics.wait(meeting, 0, 1, LIMIT) === "timed-out") throw new Error("Nobody came");
  }
  return initialized(index);
}

export function returnFunction(): unknown {
  return () => 42;
}

/** In a browser code runs on until it waits. */
export function exitWorker(): Promise<never> {
  process.exit(3);
  return new Promise(() => {});
}

/** An error that cannot be made again from its message alone. */
class TwoPartError extends Error {
  constructor(what: string, where: string) {
    super(`${what.trim()} at ${where.trim()}`);
    this.name = "TwoPartError";
  }
}

export function failInTwoParts(): never {
  throw new TwoPartError("crack", "hull");
}

export function failInSyntax(): never {
  throw new SyntaxError("no such word");
}

/** Ends long after every test, and blocks nothing: Deno can end a worker that waits like this. */
export function sleepForAnHour(): Promise<void> {
  return new Promise((wake) => setTimeout(wake, HOUR));
}

/** Makes a pool within this worker. */
export async function squaresOfNestedPool(items: number[]): Promise<number[]> {
  // Only here: the other tasks must not need the library to load.
  const { Pool } = await import("../../mod.ts");
  const pool = new Pool({ workers: 2, module: import.meta.url });
  try {
    return await pool.map(square, items);
  } finally {
    pool.close();
    await pool.join();
  }
}

/** Returns an object, and remembers it only as long as others do. */
export function echoWeakly(value: object): object {
  seen.push(new WeakRef(value));
  return value;
}

/** How many of the objects given to `echoWeakly` this worker cannot let go. */
export async function countHeld(): Promise<number> {
  await collectGarbage(seen);
  return seen.filter((ref) => ref.deref() !== undefined).length;
}

function openGate(gate: Int32Array): void {
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
}
