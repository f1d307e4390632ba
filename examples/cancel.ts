/**
 * Ways to give up: on a task, on a job, or only on waiting.
 *
 * @module
 */

import { currentTask, Pool, TimeoutError } from "@polypool/pool";

export function work(ms: number): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(`worked for ${ms} ms`), ms);
    // With abortGrace a task may end by itself; without it, its worker is replaced at once.
    currentTask()?.signal.addEventListener("abort", () => resolve("ended early"));
  });
}

if (import.meta.main) {
  const pool = new Pool({ workers: 2, abortGrace: 1000, module: import.meta.url });
  await pool.ready();
  // A task may take so long, counted from its start.
  const slow = await pool.apply(work, [5000], { timeout: 50 }).catch((error) => error);
  console.log("timeout:", slow instanceof TimeoutError);
  // A signal ends a whole job: what waits is dropped, what runs is told.
  const controller = new AbortController();
  const job = pool.map(work, [5000, 5000, 5000], { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("changed my mind")), 50);
  console.log("signal:", await job.catch((error) => error.message));
  // get() with a limit gives up on waiting alone; the task goes on.
  const result = pool.applyAsync(work, [300]);
  console.log("get:", await result.get(10).catch((error) => error.name));
  console.log("get again:", await result.get());
  console.log("restarted workers:", pool.stats().restarted);
  await pool.terminate();
}

// Output:
// timeout: true
// signal: changed my mind
// get: TimeoutError
// get again: worked for 300 ms
// restarted workers: 0
