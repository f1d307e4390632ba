/**
 * Functions that travel as text, in workers that belong to the process.
 *
 * @module
 */

import { initRuntime, move, shutdown, spawn } from "multithreading";
import type { Contestant, OpenPool, TaskName } from "../contestant.ts";
import * as tasks from "../tasks.js";
import { verified } from "../verified.ts";

type Task = (...args: unknown[]) => unknown;

const RING = "of more than 65,536 outstanding tasks some never settle";

export const contestant: Contestant = {
  name: "multithreading",
  kind: "peer",
  runtimes: ["node24", "bun", "deno"],
  cannot: { many_pools: "a process has one pool", map_numbers_each: RING },
  open,
};

/** Every task takes it, and none takes long over it. */
const SAMPLE = 0;

function open(workers: number): Promise<OpenPool> {
  initRuntime({ maxWorkers: workers });
  const pool = new IntroducingPool(workers);
  return verified({
    call(name, argument, transfer) {
      // What is moved is gone: whoever needs a buffer again moves a copy.
      const own = !transfer && argument instanceof Uint8Array ? argument.slice() : argument;
      return pool.run(tasks[name] as Task, [own], [SAMPLE]);
    },
    callOnAll: (name, items) =>
      pool.run(runOnAll as Task, [name, items], [name, []]) as Promise<unknown[]>,
    close: () => Promise.resolve(shutdown()),
  });
}

/** Its text is what the worker gets; it may import what this file could. */
async function runOnAll(name: TaskName, items: readonly unknown[]): Promise<unknown[]> {
  const chunk_task = await import("../chunk_task.js");
  return chunk_task.runOnAll(name, items);
}

/** Brings functions to all workers first: while one is loading, further tasks of it fail. */
class IntroducingPool {
  readonly #introduced: Set<Task> = new Set();
  readonly #running: Map<Task, Promise<void>> = new Map();
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  run(task: Task, args: readonly unknown[], sample: readonly unknown[]): Promise<unknown> {
    if (this.#introduced.has(task)) return run(task, args);
    const introduction = this.#running.get(task) ?? this.#introduce(task, sample);
    this.#running.set(task, introduction);
    return introduction.then(() => run(task, args));
  }

  /** Of as many tasks at once as there are workers, each worker gets one. */
  async #introduce(task: Task, sample: readonly unknown[]): Promise<void> {
    await Promise.all(Array.from({ length: this.#workers }, () => run(task, sample)));
    this.#introduced.add(task);
  }
}

async function run(task: Task, args: readonly unknown[]): Promise<unknown> {
  const result = await spawn(move(...args), task).join();
  if (!result.ok) throw result.error;
  return result.value;
}
