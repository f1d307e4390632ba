import type { RunnerHost } from "../core/outbox.ts";

/** Whether the platform can clone a value: nothing but the attempt can tell. */
export function canClone(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** What tasks need of the thread that runs them, over a channel of any kind. */
export function runnerHost(
  channel: Pick<RunnerHost, "post" | "stop" | "settleOutput">,
): RunnerHost {
  return {
    settleOutput: () => channel.settleOutput?.(),
    post: (message, transfer) => channel.post(message, transfer),
    stop: () => channel.stop(),
    now: () => performance.now(),
    newAbortController: () => new AbortController(),
    canClone,
  };
}
