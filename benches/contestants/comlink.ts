/**
 * Calls of functions in workers; not a pool, so the calls go around the workers in turn.
 *
 * @module
 */

import { type Endpoint, transfer as handOver, wrap } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { Worker as NodeWorker } from "node:worker_threads";
import type { Contestant, OpenPool, TaskName } from "../contestant.ts";
import { verified } from "../verified.ts";

/** What a worker exposes, as the main thread sees it. */
interface Tasks extends Readonly<Record<TaskName | "echoMoved", Call>> {
  runOnAll(name: TaskName, items: readonly unknown[]): Promise<unknown[]>;
}

type Call = (argument: unknown) => Promise<unknown>;

interface Wrapped {
  readonly tasks: Tasks;
  terminate(): unknown;
}

export const contestant: Contestant = {
  name: "comlink",
  kind: "peer",
  runtimes: ["node24", "bun", "deno"],
  cannot: {},
  open,
};

function open(workers: number): Promise<OpenPool> {
  const start = typeof Worker === "undefined" ? startThread : startWebWorker;
  const wrapped = Array.from({ length: workers }, start);
  let turn = 0;
  // The index is below the length.
  const next = () => (wrapped[turn++ % workers] as Wrapped).tasks;
  return verified({
    call(name, argument, transfer) {
      if (!transfer) return next()[name](argument);
      return next().echoMoved(handOver(argument, [...transfer]));
    },
    callOnAll: (name, items) => next().runOnAll(name, items),
    close: async () => void (await Promise.all(wrapped.map((worker) => worker.terminate()))),
  });
}

function startWebWorker(): Wrapped {
  const worker = new Worker(new URL("../peers/comlink.js", import.meta.url), { type: "module" });
  return { tasks: wrap<Tasks>(worker), terminate: () => worker.terminate() };
}

function startThread(): Wrapped {
  const worker = new NodeWorker(new URL("../peers/comlink_node.js", import.meta.url));
  // The adapter's types describe a module of another kind than it is.
  const toEndpoint = nodeEndpoint as unknown as (worker: NodeWorker) => Endpoint;
  return { tasks: wrap<Tasks>(toEndpoint(worker)), terminate: () => worker.terminate() };
}
