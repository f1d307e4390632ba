/**
 * A pool with many strategies; it hands tasks to workers as they come.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Transferable as NodeTransferable } from "node:worker_threads";
import { FixedThreadPool } from "poolifier";
import type { Contestant, OpenPool } from "../contestant.ts";
import { verified } from "../verified.ts";

const TASKS = fileURLToPath(new URL("../peers/poolifier.js", import.meta.url));
const CLOSE_LIMIT_MS = 500;

export const contestant: Contestant = {
  name: "poolifier",
  kind: "peer",
  runtimes: ["node24", "bun", "deno"],
  cannot: {},
  open,
};

function open(workers: number): Promise<OpenPool> {
  const pool = new FixedThreadPool(workers, TASKS, { enableEvents: false });
  return verified({
    call: (name, argument, transfer) =>
      // Buffers are transferable by Node's types and by the web's.
      pool.execute(
        argument,
        name,
        undefined,
        transfer as readonly NodeTransferable[] | undefined,
      ),
    mapEach: (name, items) => pool.mapExecute(items, name),
    callOnAll: (name, items) => pool.execute({ name, items }, "callOnAll") as Promise<unknown[]>,
    close: () => close(pool),
  });
}

/** The library does not always say that its workers have ended, least often on Deno. */
async function close(pool: FixedThreadPool): Promise<void> {
  const timer = new AbortController();
  const limit = setTimeout(CLOSE_LIMIT_MS, undefined, { signal: timer.signal });
  await Promise.race([pool.destroy(), limit]);
  timer.abort();
}
