import assert from "node:assert/strict";
import { fromModule, type TaskModule, type TaskOptions } from "../../mod.ts";
import { arrivals } from "../fixtures/gate.ts";
import type { Fault, Stage } from "./fault.ts";
import { note } from "./shared.ts";

/** The tasks of the fault matrix. */
export const tasks: TaskModule<typeof import("./tasks.ts")> = fromModule(
  new URL("./tasks.ts", import.meta.url),
);

/** A way to let a fault happen. */
type Run = Fault["run"];

/** One task that misbehaves. */
export function alone(name: string, options?: TaskOptions): Run {
  const { timeout } = options ?? {};
  return ({ pool, shared }) => pool.apply(tasks.misbehave, [shared, name, timeout ?? 0], options);
}

/** A task that misbehaves in the middle of a chunk whose other tasks must not suffer. */
export function inChunk(name: string): Run {
  return ({ pool, shared }) => {
    const items = [0, 1, { shared, act: name }, 3, 4];
    return failureAmong(pool.mapSettled(tasks.doubleOrMisbehave, items, { chunkSize: 5 }));
  };
}

/** The outcome of the third of five tasks, if the others have their values. */
export async function failureAmong(
  mapped: Promise<readonly PromiseSettledResult<unknown>[]>,
): Promise<unknown> {
  const outcomes = await mapped;
  const [third] = outcomes.slice(2, 3);
  const values = outcomes.map((outcome) =>
    outcome.status === "fulfilled" ? outcome.value : outcome.reason
  );
  assert.deepEqual(values.toSpliced(2, 1), [0, 2, 6, 8]);
  if (third?.status === "rejected") throw third.reason;
  return third?.value;
}

/** A task that misbehaves until something is done to it from outside. */
export function meanwhile(name: string, intervene: (stage: Stage) => void): Run {
  return async (stage) => {
    const { pool, shared } = stage;
    const job = pool.apply(tasks.misbehave, [shared, name]);
    await arrivals(shared.gate, 1);
    note(shared);
    intervene(stage);
    return await job;
  };
}

/** A task that misbehaves until it is aborted, and settles with the very reason. */
export function aborted(name: string): Run {
  return async ({ pool, shared }) => {
    const { signal, abort } = newAbort();
    const job = pool.apply(tasks.misbehave, [shared, name], { signal });
    await arrivals(shared.gate, 1);
    note(shared);
    abort();
    return await withReason(job, signal);
  };
}

/** A signal, and how to abort it. */
export function newAbort(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** The same job, if it fails with nothing but the reason of its signal. */
export async function withReason<R>(job: Promise<R>, signal: AbortSignal): Promise<R> {
  return await job.catch((error: unknown) => {
    assert.equal(error, signal.reason);
    throw error;
  });
}
