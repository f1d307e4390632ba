import type { Fault, FaultGroup, Stage } from "./fault.ts";
import { aborted, alone, failureAmong, meanwhile, tasks } from "./runs.ts";
import { note } from "./shared.ts";

/** What a task may take that takes for ever, in ms. */
const TIMEOUT = 50;

/** What the task of a busy loop has in common with others. */
const busy = {
  skip: { inline: "it would keep the caller's own thread busy" },
  replaced: 1,
  abandoned: 1,
} as const;

const abort = { outcome: "AbortError" } as const;
const timeout = { outcome: "TimeoutError" } as const;
const terminate = { outcome: "PoolTerminatedError", ends: "terminated" } as const;

const loops: readonly Fault[] = [
  { ...busy, ...abort, name: "a busy loop is aborted", run: aborted("compute") },
  {
    ...busy,
    ...timeout,
    name: "a busy loop has a timeout",
    run: alone("compute", { timeout: TIMEOUT }),
  },
  {
    ...busy,
    ...terminate,
    name: "a busy loop, and `terminate()`",
    run: meanwhile("compute", ({ pool }) => void pool.terminate()),
  },
  {
    ...busy,
    ...abort,
    name: "a busy loop does not heed its signal (`abortGrace`)",
    options: () => ({ abortGrace: TIMEOUT }),
    run: aborted("compute"),
  },
  {
    ...busy,
    ...timeout,
    name: "a busy loop in the middle of a chunk has a timeout",
    run: timeoutInChunk,
  },
  {
    ...busy,
    ...abort,
    name: "a task blocked in `Atomics.wait()` is aborted",
    run: aborted("sleep"),
  },
];

const waits: readonly Fault[] = [
  { ...abort, name: "a task that waits for ever is aborted", replaced: 1, run: aborted("hang") },
  {
    ...timeout,
    name: "a task that waits for ever has a timeout",
    replaced: 1,
    run: alone("hang", { timeout: TIMEOUT }),
  },
  {
    ...terminate,
    name: "a task that waits for ever, and `terminate()`",
    run: meanwhile("hang", ({ pool }) => void pool.terminate()),
  },
];

const terminations: readonly Fault[] = [
  { ...terminate, name: "`terminate()` before a worker is up", cold: true, run: terminateAtOnce },
  {
    ...terminate,
    name: "`terminate()` twice",
    run: meanwhile("hang", ({ pool }) => {
      void pool.terminate();
      void pool.terminate();
    }),
  },
  {
    ...terminate,
    name: "`terminate()` after `close()`",
    run: meanwhile("hang", ({ pool }) => {
      pool.close();
      void pool.terminate();
    }),
  },
  {
    ...terminate,
    name: "`terminate()` while a dead worker is replaced",
    skip: { inline: "there is no thread but the caller's own" },
    options: () => ({ workers: 1 }),
    async run(stage) {
      await Promise.resolve(alone("exit")(stage)).catch(() => {});
      return await terminateAtOnce(stage);
    },
  },
  {
    ...terminate,
    name: "`terminate()` while a worker hands over (`maxTasksPerWorker`)",
    options: () => ({ maxTasksPerWorker: 1 }),
    async run(stage) {
      await stage.pool.apply(tasks.identity, [1]);
      return await terminateAtOnce(stage);
    },
  },
  {
    ...terminate,
    name: "`terminate()` while workers fail to start",
    skip: { inline: "no worker has to start" },
    cold: true,
    options: () => ({
      worker() {
        throw new RangeError("no more threads");
      },
    }),
    async run(stage) {
      await new Promise((wake) => setTimeout(wake, 10));
      return await terminateAtOnce(stage);
    },
  },
];

function timeoutInChunk({ pool, shared }: Stage): Promise<unknown> {
  const items = [0, 1, { shared, act: "compute", ms: TIMEOUT }, 3, 4];
  const options = { chunkSize: 5, timeout: TIMEOUT };
  return failureAmong(pool.mapSettled(tasks.doubleOrMisbehave, items, options));
}

async function terminateAtOnce({ pool, shared }: Stage): Promise<unknown> {
  const job = pool.apply(tasks.misbehave, [shared, "hang"]);
  note(shared);
  void pool.terminate();
  return await job;
}

/** Ends that are not the task's own. */
export const stopping: FaultGroup = {
  title: "Something is stopped",
  faults: [...loops, ...waits, ...terminations],
};
