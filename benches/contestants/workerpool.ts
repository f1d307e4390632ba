/**
 * A pool for browsers and Node, with promises of its own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Contestant, OpenPool } from "../contestant.ts";
import { verified } from "../verified.ts";

const TASKS = fileURLToPath(new URL("../peers/workerpool.js", import.meta.url));

const SHIFT = "its queue is an array that it takes from at the front: a million take minutes";

export const contestant: Contestant = {
  name: "workerpool",
  kind: "peer",
  runtimes: ["node24", "bun", "deno"],
  cannot: { map_numbers_each: SHIFT },
  open,
};

function open(workers: number): Promise<OpenPool> {
  // On Bun its threads never answer, and on Deno its web workers fail as they start.
  const workerType = "Bun" in globalThis ? "web" : "thread";
  const pool = workerpool.pool(TASKS, { minWorkers: workers, maxWorkers: workers, workerType });
  return verified({
    call(name, argument, transfer) {
      if (!transfer) return pool.exec(name, [argument]);
      return pool.exec(`${name}Moved`, [argument], { transfer: [...transfer] });
    },
    callOnAll: (name, items) => pool.exec("runOnAll", [name, items]),
    close: async () => void (await pool.terminate(true)),
  });
}
