import assert from "node:assert/strict";
import { arrivals, open } from "../fixtures/gate.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import type { Fault, FaultGroup, Stage } from "./fault.ts";
import { alone, newAbort, tasks, withReason } from "./runs.ts";
import { note, type Shared } from "./shared.ts";

/** What a task may take that waits for its end, in ms. */
const TIMEOUT = 50;

const abort = { outcome: "AbortError" } as const;
const timeout = { outcome: "TimeoutError" } as const;
const patient = { options: () => ({ abortGrace: 5_000 }) } as const;

const aborts: readonly Fault[] = [
  {
    ...abort,
    name: "abort before the submission",
    run({ pool, shared }) {
      note(shared);
      const signal = AbortSignal.abort();
      return withReason(pool.apply(tasks.identity, [1], { signal }), signal);
    },
  },
  {
    ...abort,
    name: "abort while the task waits for a worker",
    options: () => ({ workers: 1 }),
    skip: { inline: "nothing can be aborted while the caller's own thread is blocked" },
    run: abortInQueue,
  },
  {
    ...abort,
    name: "abort while the result is on its way",
    replaced: "maybe",
    skip: { inline: "no task runs while the caller's own code does" },
    run: abortOnTheWay,
  },
  {
    ...abort,
    name: "abort while the result before it is on its way",
    options: () => ({ workers: 1 }),
    replaced: 1,
    skip: { inline: "no task runs while the caller's own code does" },
    run: abortBehind,
  },
  { name: "abort after the result", outcome: "value", run: abortAfterwards },
];

const stale: readonly Fault[] = [
  {
    ...timeout,
    ...patient,
    name: "a task that answers after its timeout (`abortGrace`)",
    run: alone("answerLate", { timeout: TIMEOUT }),
  },
  {
    ...timeout,
    ...patient,
    name: "a task that throws after its timeout (`abortGrace`)",
    run: alone("throwLate", { timeout: TIMEOUT }),
  },
  {
    ...timeout,
    ...patient,
    name: "a task that reports after its timeout (`abortGrace`)",
    run: reportLate,
  },
  { name: "a task that reports after its end", outcome: "value", run: reportAfterwards },
];

async function abortInQueue({ pool, shared, aside }: Stage): Promise<unknown> {
  const running = pool.apply(tasks.misbehave, [shared, "sleep"]);
  await arrivals(shared.gate, 1);
  const { signal, abort } = newAbort();
  const waiting = pool.apply(tasks.identity, [1], { signal });
  note(shared);
  abort();
  return await withReason(waiting, signal).finally(() => {
    open(shared.gate);
    aside.push(running);
  });
}

async function abortOnTheWay({ pool, shared }: Stage): Promise<unknown> {
  const { signal, abort } = newAbort();
  const job = pool.apply(tasks.misbehave, [shared, "arrive"], { signal });
  await Promise.resolve();
  blockUntil(shared, 1);
  note(shared);
  abort();
  return await withReason(job, signal);
}

/** The task runs for ever, when as far as the pool knows its worker is still at the one before it. */
async function abortBehind({ pool, shared, othersDone }: Stage): Promise<unknown> {
  const { signal, abort } = newAbort();
  await othersDone;
  // Tasks that are known to be short are sent two at a time.
  for (let n = 0; n < 3; n++) await pool.apply(tasks.misbehave, [shared, "arrive"]);
  const before = pool.apply(tasks.misbehave, [shared, "arrive"]);
  const job = pool.apply(tasks.misbehave, [shared, "hang"], { signal });
  await Promise.resolve();
  blockUntil(shared, 5);
  note(shared);
  abort();
  return await Promise.all([before, withReason(job, signal)]);
}

/** Blocks this thread, so that it reads no result, until so many tasks have begun; not for long. */
function blockUntil({ gate }: Shared, arrivals: number): void {
  const end = Date.now() + 500;
  while (Date.now() < end && Atomics.load(gate, 1) < arrivals);
  const soon = Date.now() + 5;
  while (Date.now() < soon);
}

async function abortAfterwards({ pool, shared }: Stage): Promise<unknown> {
  const { signal, abort } = newAbort();
  const value = await pool.apply(tasks.identity, [1], { signal });
  note(shared);
  abort();
  return value;
}

function reportLate({ pool, shared, aside }: Stage): Promise<unknown> {
  const reports: unknown[] = [];
  const options = { timeout: TIMEOUT, onReport: (value: unknown) => reports.push(value) };
  aside.push(arrivals(shared.gate, 2).then(settleDown).then(() => assert.deepEqual(reports, [])));
  return pool.apply(tasks.misbehave, [shared, "reportLate", TIMEOUT], options);
}

/** The report comes while the next tasks are at work, whose jobs must not get it. */
async function reportAfterwards({ pool, shared, aside }: Stage): Promise<unknown> {
  const reports: unknown[] = [];
  const options = { onReport: (value: unknown) => reports.push(value) };
  const job = pool.apply(tasks.misbehave, [shared, "reportAfterwards"], options);
  aside.push(job.then(async () => {
    await pool.map(tasks.doubleSlowly, [1, 2, 3, 4, 5, 6, 7, 8], { ...options, chunkSize: 1 });
    assert.deepEqual(reports, []);
  }));
  return await job;
}

/** What was said too late, or too early. */
export const crossings: FaultGroup = {
  title: "An abort and an answer cross",
  faults: [...aborts, ...stale],
};
