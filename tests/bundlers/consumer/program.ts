/** What a program of Node's says of the package, as a module. */

import { fromModule, Pool, type PoolOptions, type TaskOptions } from "@polypool/pool";
import { embeddedWorker } from "@polypool/pool/embedded";
import { serve } from "@polypool/pool/worker";
import { Worker } from "node:worker_threads";

const options: PoolOptions = {
  worker: () => new Worker(new URL("./tasks.worker.js", import.meta.url)),
};
const bytes = new Uint8Array(8);
const { port1 } = new MessageChannel();
const task: TaskOptions = {
  signal: AbortSignal.timeout(1_000),
  transfer: [bytes.buffer, port1],
};

export async function main(): Promise<number[]> {
  const pool = new Pool(options);
  const { square } = fromModule<{ square(n: number): number }>();
  const one: number = await pool.apply(square, [3], task);
  await pool.terminate();
  const other = new Pool({ worker: embeddedWorker });
  const more: number[] = await other.map((n: number) => n * 2, [1, 2]);
  await other[Symbol.asyncDispose]();
  return [one, ...more];
}

export function work(): void {
  serve({ square: (n: number) => n * n });
}
