import type { PoolLimits, Thread, ThreadListener, Time } from "../ports.ts";
import type { ToWorker } from "../wire/protocol.ts";
import type { TaskRef } from "../wire/task_ref.ts";
import { ownArguments } from "../wire/views.ts";

/** What a pool and its workers stand on. */
export interface PoolGround {
  readonly limits: PoolLimits;
  readonly time: Time;
  readonly newThread: (name: string, listener: ThreadListener) => Thread<ToWorker>;
  /** The task modules of the pools above its workers, its own included. */
  readonly modules: readonly string[];
  /** What each worker imports while it starts; nothing from then on that this has failed once. */
  startModule?: string | undefined;
  /** What runs in each worker before its first task. */
  readonly initializer: { readonly ref: TaskRef; readonly args: readonly unknown[] } | undefined;
}

/**
 * The first message that a worker gets.
 *
 * @throws {DataCloneError} If an argument of the initializer is of a kind that arrives empty on
 * some platforms.
 */
export function initMessage(
  { modules, startModule, initializer }: PoolGround,
  workerName: string,
  memory: SharedArrayBuffer | undefined,
): ToWorker {
  const own = initializer && { ref: initializer.ref, args: ownArguments(initializer.args) };
  return { kind: "init", workerName, memory, modules, startModule, initializer: own };
}
