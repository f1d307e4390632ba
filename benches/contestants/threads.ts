/**
 * Threads with methods, and a pool of them.
 *
 * @module
 */

import * as threads from "threads";
import type { Contestant, OpenPool, TaskName } from "../contestant.ts";
import { verified } from "../verified.ts";

/** What is used of the library, which has no types for modules. */
interface Threads {
  Pool(spawn: () => Promise<Thread>, workers: number): ThreadPool;
  Transfer(value: unknown, transfer: readonly Transferable[]): unknown;
  readonly Worker: new (path: string) => unknown;
  spawn(worker: unknown): Promise<Thread>;
}

interface ThreadPool {
  queue<R>(task: (thread: Thread) => Promise<R>): PromiseLike<R>;
  terminate(force: boolean): Promise<void>;
}

/** A worker that `peers/threads.js` is in. */
interface Thread extends Readonly<Record<TaskName | "echoMoved", Call>> {
  runOnAll(name: TaskName, items: readonly unknown[]): Promise<unknown[]>;
}

type Call = (argument: unknown) => Promise<unknown>;

const { Pool, spawn, Transfer, Worker } = threads as unknown as Threads;

/** The library resolves it from the file that makes the worker. */
const TASKS = "../peers/threads.js";

const LISTENERS = "each task listens to the events of all: 20,000 at once take minutes";

export const contestant: Contestant = {
  name: "threads",
  kind: "peer",
  runtimes: ["node24", "bun", "deno"],
  cannot: { map_numbers_each: LISTENERS, tiny_apply: LISTENERS },
  open,
};

function open(workers: number): Promise<OpenPool> {
  const pool = Pool(() => spawn(new Worker(TASKS)), workers);
  // What it queues is a thenable.
  const queue = async <R>(task: (thread: Thread) => Promise<R>) => await pool.queue(task);
  return verified({
    call(name, argument, transfer) {
      if (!transfer) return queue((thread) => thread[name](argument));
      return queue((thread) => thread.echoMoved(Transfer(argument, transfer)));
    },
    callOnAll: (name, items) => queue((thread) => thread.runOnAll(name, items)),
    close: () => pool.terminate(true),
  });
}
