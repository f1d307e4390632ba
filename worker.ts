/**
 * A pool worker's own half: the module that the pool's default workers run, and
 * {@linkcode serve} for worker files of your own.
 *
 * @example A worker file that a bundler can see
 * ```ts ignore
 * // tasks.worker.ts
 * import { serve } from "@polypool/pool/worker";
 * import * as tasks from "./tasks.ts";
 * serve(tasks);
 * ```
 *
 * @module
 */

import { TaskRunner } from "./core/worker/task_runner.ts";
import { thread } from "./core/worker/thread_state.ts";
import { PoolStateError } from "./errors.ts";
import { taskScope } from "./runtime/async_context.ts";
import { now } from "./runtime/platform.ts";
import { workerScope } from "./runtime/scope.ts";

const scope = workerScope();
const runner = scope && Promise.withResolvers<TaskRunner>();

// Before the modules of tasks: pools that those could make are noted in it.
if (scope !== undefined) thread();

// First of all, and synchronously: a message that comes before its listener is lost.
scope?.onConnect((pool) => {
  const state = thread();
  state.isPoolWorker = true;
  const tasks = new TaskRunner({
    post: pool.post,
    stop: () => scope.stop(),
    settleOutput: () => scope.settleOutput?.(),
    get scope() {
      return state.hasPools ? taskScope() : undefined;
    },
    now,
  });
  state.provider = tasks;
  runner?.resolve(tasks);
  pool.listen((data) => tasks.receive(data), () => tasks.unreadable());
  // A task that ends its own thread must not take along the results of those before it.
  return () => tasks.flush();
});

/**
 * Offers the functions of a module to the pool that made this worker.
 *
 * For worker files of your own, which the pool gets through its `worker`
 * option; with the default workers there is no need for it.
 *
 * @param module The functions by name: `import * as tasks from "./tasks.ts"`.
 * @throws {PoolStateError} If this thread is not a worker.
 *
 * @example Outside a worker
 * ```ts
 * import { PoolStateError } from "@polypool/pool";
 * import { serve } from "@polypool/pool/worker";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => serve({ square: (n: number) => n * n }), PoolStateError);
 * ```
 */
export function serve(module: object): void {
  if (scope === undefined || runner === undefined) {
    throw new PoolStateError("Cannot serve tasks as this thread is not a worker: main thread");
  }
  void runner.promise.then((tasks) => tasks.serve(module));
  scope.announce();
}
