import {
  SyncScope,
  type TaskProvider,
  type TaskScope,
  thread,
} from "../core/worker/thread_state.ts";
import { type NodeAsyncHooks, nodeProcess } from "./platform.ts";

/** Where tasks run that must be told from other code of this thread. */
export function taskScope(): TaskScope {
  const state = thread();
  if (state.scope === undefined) {
    const hooks = asyncHooks();
    state.scope = hooks === undefined
      ? new SyncScope()
      : new hooks.AsyncLocalStorage<TaskProvider | null>();
  }
  return state.scope;
}

/** What runs code in the async context of this moment; nothing where there is no such thing. */
export function captureContext(): (<R>(code: () => R) => R) | undefined {
  return asyncHooks()?.AsyncLocalStorage.snapshot();
}

/** Node's `async_hooks`, which Deno and Bun have as well, and browsers have not. */
function asyncHooks(): NodeAsyncHooks | undefined {
  return nodeProcess()?.getBuiltinModule?.("node:async_hooks");
}
