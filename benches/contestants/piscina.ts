/**
 * The pool of threads that most programs on Node use.
 *
 * @module
 */

import type { Transferable as NodeTransferable } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Contestant, OpenPool } from "../contestant.ts";
import { verified } from "../verified.ts";

const TASKS = new URL("../peers/exports.js", import.meta.url).href;
const MOVE = new URL("../peers/piscina_move.js", import.meta.url).href;

export const contestant: Contestant = {
  name: "piscina",
  kind: "peer",
  runtimes: ["node24", "bun", "deno"],
  cannot: {},
  open,
};

function open(workers: number): Promise<OpenPool> {
  const pool: Piscina<unknown, unknown> = new Piscina({
    filename: TASKS,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Infinity,
    recordTiming: false,
  });
  return verified({
    call(name, argument, transfer) {
      if (!transfer) return pool.run(argument, { name });
      // Buffers are transferable by Node's types and by the web's.
      const transferList = transfer as readonly NodeTransferable[];
      return pool.run(argument, { name, filename: MOVE, transferList });
    },
    callOnAll: (name, items) =>
      pool.run({ name, items }, { name: "callOnAll" }) as Promise<unknown[]>,
    close: () => pool.destroy(),
  });
}
