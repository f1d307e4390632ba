/**
 * The floor: workers without a pool, one message for each task, in turn.
 *
 * @module
 */

import type { Contestant, OpenPool } from "../contestant.ts";

/** What workers of either kind have in common here. */
interface RawWorker {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  onReply(listener: (reply: Reply) => void): void;
  terminate(): unknown;
}

interface Reply {
  readonly id: number;
  readonly result: unknown;
}

export const contestant: Contestant = {
  name: "raw",
  kind: "floor",
  runtimes: ["node24", "bun", "deno"],
  cannot: {},
  async open(workers: number): Promise<OpenPool> {
    const isNode = !("Deno" in globalThis || "Bun" in globalThis);
    const start = isNode ? await nodeStarter() : startWebWorker;
    return openPool(Array.from({ length: workers }, start));
  },
};

function openPool(workers: readonly RawWorker[]): OpenPool {
  const waiting = new Map<number, (result: unknown) => void>();
  let last = 0;
  for (const worker of workers) {
    worker.onReply(({ id, result }) => {
      waiting.get(id)?.(result);
      waiting.delete(id);
    });
  }
  const send = (task: string, argument: unknown, transfer?: readonly Transferable[]) =>
    new Promise<unknown>((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      const message = { id, task, argument, move: transfer !== undefined };
      workers[id % workers.length]?.postMessage(message, transfer);
    });
  return {
    call: send,
    callOnAll: (task, items) => send("runOnAll", { task, items }) as Promise<unknown[]>,
    close: async () => void await Promise.all(workers.map((worker) => worker.terminate())),
  };
}

async function nodeStarter(): Promise<() => RawWorker> {
  const { Worker } = await import("node:worker_threads");
  return () => {
    const worker = new Worker(new URL("../peers/raw_node.js", import.meta.url));
    return {
      postMessage: (message, transfer) => worker.postMessage(message, transfer as never),
      onReply: (listener) => void worker.on("message", listener),
      terminate: () => worker.terminate(),
    };
  };
}

function startWebWorker(): RawWorker {
  const worker = new Worker(new URL("../peers/raw_web.js", import.meta.url), { type: "module" });
  return {
    postMessage: (message, transfer) =>
      transfer ? worker.postMessage(message, [...transfer]) : worker.postMessage(message),
    onReply: (listener) => void (worker.onmessage = ({ data }) => listener(data)),
    terminate: () => worker.terminate(),
  };
}
