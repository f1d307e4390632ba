import { encodeError } from "../../core/wire/error_codec.ts";
import type { ToWorker, WireChunk } from "../../core/wire/protocol.ts";
import type { TaskRef } from "../../core/wire/task_ref.ts";

/** The message that a worker waits for before all others; its memory is not shared here. */
export function init(workerName: string = "w-1", initializer?: TaskRef): ToWorker {
  return {
    kind: "init",
    workerName,
    memory: undefined,
    modules: [],
    initializer: initializer && { ref: initializer, args: [] },
  };
}

/** Refers to a function that the worker's file serves, or the caller's own. */
export function served(name: string): TaskRef {
  return { kind: "served", name };
}

/**
 * Has a worker run a function on items, in one chunk.
 *
 * @param fn Where the function is, or its source text.
 */
export function run(
  fn: TaskRef | string,
  items: readonly unknown[],
  given: Partial<WireChunk> = {},
): ToWorker {
  const ref: TaskRef = typeof fn === "string" ? { kind: "source", source: fn, name: "" } : fn;
  const flags = { spread: false, stopOnError: false, tellsEachTask: false };
  return { kind: "run", chunks: [{ id: 0, fn: 0, word: 0, ref, items, ...flags, ...given }] };
}

/** Has the running task of a chunk end. */
export function abort(chunk: number, reason: unknown): ToWorker {
  return { kind: "abort", chunk, reason: encodeError(reason) };
}
