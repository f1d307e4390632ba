import { type CurrentTask, SyncScope, type TaskScope, thread } from "../core/task_context.ts";
import { type NodeAsyncHooks, nodeProcess } from "./node.ts";

/** Where tasks run that share this thread with other code. */
export function taskScope(): TaskScope {
  if (thread.scope !== undefined) return thread.scope;
  const hooks = asyncHooks();
  thread.scope = hooks === undefined
    ? new SyncScope()
    : new hooks.AsyncLocalStorage<CurrentTask | null>();
  return thread.scope;
}

/** What runs code in the async context of this moment; nothing where there is no such thing. */
export function captureContext(): (<R>(code: () => R) => R) | undefined {
  return asyncHooks()?.AsyncLocalStorage.snapshot();
}

/** Node's `async_hooks`, which Deno and Bun have as well, and browsers have not. */
function asyncHooks(): NodeAsyncHooks | undefined {
  return nodeProcess()?.getBuiltinModule?.("node:async_hooks");
}
