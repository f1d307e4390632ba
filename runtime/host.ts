import type { RunnerHost } from "../core/worker/outbox.ts";

/**
 * Copies a value as a message does.
 *
 * @throws {DataCloneError} If the platform cannot.
 */
export function clone(value: unknown): unknown {
  return structuredClone(value);
}

/** What tasks need of the thread that runs them, over a channel of any kind. */
export function runnerHost(
  channel: Pick<RunnerHost, "post" | "stop" | "settleOutput" | "scope">,
): RunnerHost {
  return {
    settleOutput: () => channel.settleOutput?.(),
    post: (message, transfer) => channel.post(message, transfer),
    stop: () => channel.stop(),
    scope: channel.scope,
    now: () => performance.now(),
    newAbortController: () => new AbortController(),
    clone,
  };
}
