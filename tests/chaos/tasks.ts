/**
 * What the tasks do: each acts as its plan says, and notes it in the ledger.
 *
 * @module
 */

import process from "node:process";
import { currentTask } from "../../mod.ts";
import { isOpen, waitAt } from "../fixtures/gate.ts";
import { type Ledger, noteBegin, noteDoom, noteThrow, noteValue, numberOf } from "./ledger.ts";
import type { Act, Death, PlannedTask } from "./plan.ts";

/** A task as it travels. */
export interface WorkItem {
  readonly ledger: Ledger;
  readonly task: PlannedTask;
  /** Something that cannot travel. */
  readonly poison?: () => void;
}

/** A task at work. */
interface Work extends WorkItem {
  readonly worker: number;
  /** Which run of the task this is, from 1 on. */
  readonly run: number;
}

/** What only workers of the web's kind have. */
const scope = globalThis as {
  readonly close?: () => void;
  readonly Deno?: { exit(code: number): never };
};

let isInitialized = false;

/** The pool's initializer. */
export async function initialize(): Promise<void> {
  await nap(1);
  isInitialized = true;
}

/** Runs one task. */
export function work(item: WorkItem): unknown {
  const { ledger, task } = item;
  const worker = numberOf(currentTask()?.workerName ?? "");
  const run = noteBegin(ledger, task.id, worker);
  if (!isInitialized) throw new Error(`task ${task.id} began before its worker's initializer`);
  return ACTS[task.act]({ ...item, worker, run });
}

/** Runs one task, as it is called by `apply` and `starmap`. */
export function workOn(ledger: Ledger, task: PlannedTask, _poison?: () => void): unknown {
  return work({ ledger, task });
}

/** What a task gives if all goes well. */
export function valueOf(id: number): string {
  return `value ${id}`;
}

/** What a task says when it throws. */
export function complaintOf(id: number): string {
  return `task ${id} throws`;
}

const ACTS: Readonly<Record<Act, (work: Work) => unknown>> = {
  value,
  busy(work) {
    spin(work.task.ms);
    return value(work);
  },
  async nap(work) {
    await nap(work.task.ms);
    return value(work);
  },
  throw: fail,
  async throwLater(work) {
    await nap(work.task.ms);
    fail(work);
  },
  report(work) {
    currentTask()?.report(work.task.id);
    return value(work);
  },
  badResult: ({ ledger, task }) => {
    noteThrow(ledger, task.id);
    return () => {};
  },
  // It never comes here: its argument cannot travel.
  badArgument: value,
  die(work) {
    if (work.run > work.task.deaths) return value(work);
    noteDoom(work.ledger, work.worker, work.task.death, "now");
    return DEATHS[work.task.death]();
  },
  arm(work) {
    noteDoom(work.ledger, work.worker, work.task.death, "later");
    setTimeout(() => void DEATHS[work.task.death](), work.task.ms);
    return value(work);
  },
  hang: forever,
  block(work) {
    waitAt(work.ledger.gate, work.task.ms);
    return value(work);
  },
  async pend(work) {
    const end = performance.now() + work.task.ms;
    while (!isOpen(work.ledger.gate) && performance.now() < end) await nap(5);
    return value(work);
  },
};

/** How a worker is ended from within; what is not there on this runtime is an exit. */
const DEATHS: Readonly<Record<Death, () => unknown>> = {
  exit() {
    const { exit }: { exit(code: number): void } = process;
    exit(1);
    // Deno runs on for a moment after the call.
    spin(2_000);
  },
  error() {
    setTimeout(() => {
      throw new RangeError("thrown in a timer");
    });
    return forever();
  },
  rejection() {
    void Promise.reject(new RangeError("rejected unheard"));
    return forever();
  },
  close() {
    if (scope.close === undefined) return DEATHS.exit();
    scope.close();
    return forever();
  },
  denoExit() {
    if (scope.Deno === undefined) return DEATHS.exit();
    scope.Deno.exit(1);
    return forever();
  },
};

function value({ ledger, task }: Work): string {
  noteValue(ledger, task.id);
  return valueOf(task.id);
}

function fail({ ledger, task }: Work): never {
  noteThrow(ledger, task.id);
  throw new RangeError(complaintOf(task.id));
}

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function nap(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
