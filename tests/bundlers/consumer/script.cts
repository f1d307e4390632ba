/** What a program of Node's says of the package, as CommonJS. */

import { fromModule, Pool, WorkerLostError } from "@polypool/pool";
import { embeddedWorker } from "@polypool/pool/embedded";
import { serve } from "@polypool/pool/worker";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

export async function main(): Promise<number> {
  const pool = new Pool({ worker: () => new Worker(join(__dirname, "tasks.worker.js")) });
  const { square } = fromModule<{ square(n: number): number }>();
  const result: number = await pool.apply(square, [3]);
  await pool.terminate();
  return result;
}

export const isLost = (error: unknown): boolean => error instanceof WorkerLostError;
export const spare: Pool = new Pool({ worker: embeddedWorker });
export const work = (): void => serve({ square: (n: number) => n * n });
