/**
 * The tasks of the fault matrix.
 *
 * @module
 */

import { act } from "./acts.ts";
import { note, type Shared } from "./shared.ts";

/** An item that makes its task misbehave. */
export interface BadItem {
  readonly shared: Shared;
  /** What the task does, by name. */
  readonly act: string;
  /** When its time is up. */
  readonly ms?: number;
}

export function identity<T>(value: T): T {
  return value;
}

/** What the jobs of others do. */
export async function doubleSlowly(n: number): Promise<number> {
  await new Promise((wake) => setTimeout(wake, 1));
  return n * 2;
}

/** Does what has a name, and says when; `ms` later is when its time is up. */
export function misbehave(shared: Shared, name: string, ms: number = 0): unknown {
  note(shared, ms);
  return act(name, shared);
}

/** Misbehaves for a bad item, and doubles any other. */
export function doubleOrMisbehave(item: number | BadItem): unknown {
  return typeof item === "number" ? item * 2 : misbehave(item.shared, item.act, item.ms);
}

/** Ends its thread the first time that it runs. */
export function exitOnce(shared: Shared): unknown {
  if (Atomics.add(shared.gate, 1, 1) > 0) return "rerun";
  return misbehave(shared, "exit");
}

/** Returns, and leaves something behind that goes wrong once the gate is open. */
export function leave(shared: Shared, kind: "rejection" | "error"): string {
  const timer = setInterval(() => {
    if (Atomics.load(shared.gate, 0) === 0) return;
    clearInterval(timer);
    note(shared);
    const error = new RangeError("left behind");
    if (kind === "error") throw error;
    void Promise.reject(error);
  }, 1);
  return "left";
}
