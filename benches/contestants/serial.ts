/**
 * No worker: a native promise for each task, which is as fast as a promise per task can be.
 *
 * @module
 */

import type { Contestant, OpenPool, TaskName } from "../contestant.ts";
import * as tasks from "../tasks.js";

// Each workload passes what its task takes: no type can say so for a task that is chosen by name.
const TASKS: Readonly<Record<TaskName, (argument: never) => unknown>> = tasks;

const NO_COPY = "nothing crosses to a worker";
const NO_WORKER = "one task at a time";

export const contestant: Contestant = {
  name: "serial",
  kind: "serial",
  runtimes: ["node24", "bun", "deno"],
  cannot: {
    big_strings: NO_COPY,
    buffers_cloned: NO_COPY,
    buffers_transferred: NO_COPY,
    fib: "it is what the others are compared with",
    many_pools: NO_WORKER,
    mixed: NO_WORKER,
    skewed: NO_WORKER,
    start: NO_WORKER,
  },
  open: () => Promise.resolve(openPool()),
};

function openPool(): OpenPool {
  return {
    call: (task, argument) => Promise.resolve(TASKS[task](argument as never)),
    map: (task, items) => Promise.resolve(runOnAll(task, [...items])),
    callOnAll: (task, items) => Promise.resolve(runOnAll(task, items)),
    close: () => Promise.resolve(),
  };
}

function runOnAll(task: TaskName, items: readonly unknown[]): unknown[] {
  const run = TASKS[task];
  return items.map((item) => run(item as never));
}
