import { inline, type PoolOptions, type WorkerLike } from "../../mod.ts";
import { arrivals, open } from "../fixtures/gate.ts";
import { until } from "../fixtures/until.ts";
import type { Fault, FaultGroup, Stage } from "./fault.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { alone, inChunk, meanwhile, tasks } from "./runs.ts";
import type { Shared } from "./shared.ts";

/** What every fault here has in common, unless it says otherwise. */
const death = {
  outcome: "WorkerLostError",
  skip: { inline: "there is no thread but the caller's own" },
  replaced: 1,
} as const;

const onlyWithClose = {
  ...death.skip,
  bun: "a worker has no such function",
  node: "a worker has no such function",
};

const onlyOnDeno = { ...onlyWithClose, browser: "a worker has no such function" };

/** A worker that is left with something that goes wrong when nothing runs in it any more. */
function leftWith(kind: "error" | "rejection"): Fault["run"] {
  return async ({ pool, shared, othersDone }) => {
    const value = await pool.apply(tasks.leave, [shared, kind]);
    await othersDone;
    open(shared.gate);
    await until(() => pool.stats().restarted === 1);
    return value;
  };
}

/** A task that is running when what an earlier one left in its worker goes wrong. */
async function hitByEarlier({ pool, shared }: Stage): Promise<unknown> {
  await pool.apply(tasks.leave, [shared, "error"]);
  const job = pool.apply(tasks.misbehave, [shared, "hang"]);
  await arrivals(shared.gate, 1);
  open(shared.gate);
  return await job;
}

/** A worker that its maker ends, and does not tell the pool. */
function endedByItsMaker(): Pick<Fault, "options" | "run"> {
  const made: WorkerLike[] = [];
  const worker = () => {
    const newest = makeWorker(new URL("./faults.worker.ts", import.meta.url));
    made.push(newest);
    return newest;
  };
  return {
    options: (): PoolOptions => ({ workers: 1, worker }),
    run: meanwhile("hang", () => made.at(-1)?.terminate()),
  };
}

/** Ends its thread as early as a task can: there is no module to import first. */
const exitAtOnce = inline(({ moment }: Shared) => {
  moment[0] = Date.now();
  // Its own module is not there: it names its globals itself.
  const { process, close } = globalThis as unknown as {
    process?: { exit(code: number): void };
    close(): void;
  };
  if (process === undefined) close();
  else process.exit(7);
  return new Promise(() => {});
});

const faults: readonly Fault[] = [
  { ...death, name: "`process.exit()` in a task", run: alone("exit") },
  {
    ...death,
    name: "`process.exit()` in the first task of a worker",
    cold: true,
    run: ({ pool, shared }) => pool.apply(exitAtOnce, [shared]),
  },
  {
    ...death,
    name: "`process.exit()` in the middle of a chunk",
    run: inChunk("exit"),
  },
  {
    ...death,
    name: "`process.exit()` in a task with `retries: 1`",
    outcome: "value",
    run: ({ pool, shared }) => pool.apply(tasks.exitOnce, [shared], { retries: 1 }),
  },
  {
    ...death,
    name: "`process.exit()` in a `broadcast()`",
    replaced: 2,
    run: ({ pool, shared }) => pool.broadcast(tasks.misbehave, [shared, "exit", 0]),
  },
  { ...death, name: "`Deno.exit()` in a task", skip: onlyOnDeno, run: alone("exitDeno") },
  { ...death, name: "`self.close()` in a task", skip: onlyWithClose, run: alone("closeSelf") },
  { ...death, name: "an uncaught error in a task's timer", run: alone("throwInTimer") },
  {
    ...death,
    name: "an uncaught error in a timer that an earlier task left",
    options: () => ({ workers: 1 }),
    run: hitByEarlier,
  },
  {
    ...death,
    name: "an uncaught error in a timer, after the task",
    outcome: "value",
    run: leftWith("error"),
  },
  { ...death, name: "an unhandled rejection in a task", run: alone("rejectUnheard") },
  {
    ...death,
    name: "an unhandled rejection, after the task",
    outcome: "value",
    run: leftWith("rejection"),
  },
  { ...death, ...endedByItsMaker(), name: "the program itself terminates the worker" },
  {
    ...death,
    name: "a task runs out of memory",
    skip: {
      ...death.skip,
      browser: "the heap has no limit of its own",
      bun: "the heap has no limit",
      deno: "it ends the process",
    },
    options: () => ({
      worker: () => makeWorker(new URL("./faults.worker.ts", import.meta.url), 24),
    }),
    run: alone("fillMemory"),
  },
];

/** The ends of threads. */
export const deaths: FaultGroup = { title: "A worker dies", faults };
