/**
 * A small pool that came out of piscina.
 *
 * @module
 */

import type { Transferable as NodeTransferable } from "node:worker_threads";
import { Tinypool } from "tinypool";
import type { Contestant, OpenPool } from "../contestant.ts";
import { verified } from "../verified.ts";

const TASKS = new URL("../peers/exports.js", import.meta.url).href;
const MOVE = new URL("../peers/tinypool_move.js", import.meta.url).href;

const SHIFT = "its queue is an array, from whose front V8 takes slowly: a million take minutes";

export const contestant: Contestant = {
  name: "tinypool",
  kind: "peer",
  runtimes: ["node24", "bun", "deno"],
  cannot: { "map_numbers_each:node24": SHIFT, "map_numbers_each:deno": SHIFT },
  open,
};

function open(workers: number): Promise<OpenPool> {
  const pool = new Tinypool({ filename: TASKS, minThreads: workers, maxThreads: workers });
  return verified({
    call(name, argument, transfer) {
      if (!transfer) return pool.run(argument, { name });
      // Buffers are transferable by Node's types and by the web's.
      const transferList = [...transfer] as NodeTransferable[];
      return pool.run(argument, { name, filename: MOVE, transferList });
    },
    callOnAll: (name, items) => pool.run({ name, items }, { name: "callOnAll" }),
    close: () => pool.destroy(),
  });
}
