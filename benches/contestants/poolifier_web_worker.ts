/**
 * Poolifier for runtimes that have web workers.
 *
 * @module
 */

import { FixedThreadPool } from "poolifier-web-worker";
import type { Contestant, OpenPool } from "../contestant.ts";
import { verified } from "../verified.ts";

const TASKS = new URL("../peers/poolifier_web_worker.js", import.meta.url);

export const contestant: Contestant = {
  name: "poolifier-web-worker",
  kind: "peer",
  runtimes: ["bun", "deno"],
  cannot: {},
  open,
};

function open(workers: number): Promise<OpenPool> {
  const pool = new FixedThreadPool(workers, TASKS, { enableEvents: false });
  return verified({
    call: (name, argument, transfer) => pool.execute(argument, name, undefined, transfer),
    mapEach: (name, items) => pool.mapExecute(items, name),
    callOnAll: (name, items) => pool.execute({ name, items }, "callOnAll") as Promise<unknown[]>,
    close: () => pool.destroy(),
  });
}
