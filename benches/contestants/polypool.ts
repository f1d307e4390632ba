/**
 * This library, used as its README says.
 *
 * @module
 */

import { fromModule, Pool } from "@polypool/pool";
import type { Contestant, OpenPool, TaskName } from "../contestant.ts";
import * as tasks from "../tasks.js";

// Each workload passes what its task takes: no type can say so for a task that is chosen by name.
const TASKS: Readonly<Record<TaskName, (argument: never) => unknown>> = tasks;

const { runOnAll } = fromModule<typeof import("../chunk_task.js")>(
  new URL("../chunk_task.js", import.meta.url),
);
const { echoMoved } = fromModule<typeof import("../peers/polypool.ts")>(
  new URL("../peers/polypool.ts", import.meta.url),
);

export const contestant: Contestant = {
  name: "polypool",
  kind: "subject",
  runtimes: ["node24", "bun", "deno"],
  cannot: {},
  open: (workers) => Promise.resolve(openPool(workers)),
};

function openPool(workers: number): OpenPool {
  const pool = new Pool({
    workers,
    module: new URL("../tasks.js", import.meta.url),
  });
  return {
    ready: () => pool.ready(),
    call: (task, argument, transfer) =>
      transfer === undefined
        ? pool.apply(TASKS[task], [argument as never])
        : pool.apply(echoMoved, [argument as never], {
          transfer: [...transfer],
        }),
    map: (task, items) => pool.map(TASKS[task], items as never[]),
    imap: (task, items) => pool.imap(TASKS[task], items as Iterable<never>),
    callOnAll: (task, items) => pool.apply(runOnAll, [task, items]),
    close: () => pool.terminate(),
  };
}
