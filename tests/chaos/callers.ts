/**
 * Callers: submit a job as its plan says, and write down what comes of it.
 *
 * @module
 */

import {
  type AsyncResult,
  fromModule,
  type ImapOptions,
  type Pool,
  type ResultIterator,
} from "../../mod.ts";
import { Aborter } from "./aborter.ts";
import type { Ledger } from "./ledger.ts";
import type { JobKind, PlannedTask } from "./plan.ts";
import { argumentListsOf, argumentsOf, itemsOf } from "./items.ts";
import type { JobRecord } from "./record.ts";

const tasks = fromModule<typeof import("./tasks.ts")>(new URL("./tasks.ts", import.meta.url));

/** What a caller needs. */
export interface Stage {
  readonly pool: Pool;
  readonly ledger: Ledger;
  readonly record: JobRecord;
}

/** A stage with what the job is submitted with. */
interface Call extends Stage {
  readonly options: Omit<ImapOptions<never>, "transfer">;
  readonly aborter: Aborter;
}

/** Submits a job at once, and resolves when it is over. */
export async function perform(stage: Stage): Promise<void> {
  const { record } = stage;
  const { job } = record;
  const aborter = new Aborter(record);
  const { signal } = aborter;
  const options = { ...job.options, ...(signal && { signal }) };
  record.submittedAt = performance.now();
  const done = CALLERS[job.kind]({ ...stage, options, aborter });
  aborter.submitted();
  await done;
  aborter.over();
  record.over = true;
}

const CALLERS: Readonly<Record<JobKind, (call: Call) => Promise<unknown>>> = {
  burst: (call) => eachTask(call, (task) => call.pool.apply(tasks.workOn, argumentsOf(call, task))),
  apply: (call) =>
    eachTask(call, (task, onReport) => {
      return call.pool.apply(tasks.workOn, argumentsOf(call, task), { ...call.options, onReport });
    }),
  applyAsync: (call) =>
    eachTask(call, (task, onReport) =>
      calledBack(call, (callbacks) => {
        const options = { ...call.options, ...callbacks, onReport };
        return call.pool.applyAsync(tasks.workOn, argumentsOf(call, task), options);
      })),
  map: (call) => allTasks(call, call.pool.map(tasks.work, itemsOf(call), optionsOf(call))),
  mapAsync: (call) =>
    allTasks(
      call,
      calledBack(call, (callbacks) => {
        const options = { ...optionsOf(call), ...callbacks };
        return call.pool.mapAsync(tasks.work, itemsOf(call), options);
      }),
    ),
  starmap: (call) =>
    allTasks(call, call.pool.starmap(tasks.workOn, argumentListsOf(call), optionsOf(call))),
  mapSettled: (call) => settledTasks(call),
  imap: (call) => read(call, call.pool.imap(tasks.work, itemsOf(call), optionsOf(call))),
  imapUnordered: (call) =>
    read(call, call.pool.imapUnordered(tasks.work, itemsOf(call), optionsOf(call))),
  istarmap: (call) =>
    read(call, call.pool.istarmap(tasks.workOn, argumentListsOf(call), optionsOf(call))),
  broadcast: (call) => {
    const [task] = call.record.job.tasks;
    if (task === undefined) return Promise.resolve();
    return allTasks(call, call.pool.broadcast(tasks.workOn, argumentsOf(call, task)));
  },
};

function optionsOf({ options, record }: Call): ImapOptions<never> {
  const total = record.job.tasks.length;
  return {
    ...options,
    onReport: (id, at) => record.report(id, at),
    onProgress({ done }) {
      if (done > total) record.complaints.push(`${done} of ${total} tasks are done`);
    },
  };
}

function eachTask(
  { record }: Call,
  submit: (task: PlannedTask, onReport: (id: unknown) => void) => PromiseLike<unknown>,
): Promise<unknown> {
  const notes = record.job.tasks.map((task, at) =>
    submit(task, (id) => record.report(id, at)).then(
      (value) => record.settle(at, { kind: "value", value }),
      (error) => record.settle(at, { kind: "error", error }),
    )
  );
  return Promise.all(notes);
}

async function allTasks({ record }: Call, promise: PromiseLike<unknown[]>): Promise<void> {
  try {
    const values = await promise;
    for (const value of values) record.addValue(value);
  } catch (error) {
    record.fail(error);
  }
}

async function settledTasks(call: Call): Promise<void> {
  const { pool, record } = call;
  try {
    const options = optionsOf(call);
    for (const outcome of await pool.mapSettled(tasks.work, itemsOf(call), options)) {
      if (outcome.status === "fulfilled") record.addValue(outcome.value);
      else record.addError(outcome.reason);
    }
  } catch (error) {
    record.fail(error);
  }
}

/** Checks that one of the callbacks is called, once, and before the result is there. */
async function calledBack<R>(
  { record, aborter }: Call,
  submit: (
    callbacks: { callback(value: R): void; errorCallback(error: unknown): void },
  ) => AsyncResult<R>,
): Promise<R> {
  const calls: string[] = [];
  const result = submit({
    callback: () => void calls.push("value"),
    errorCallback: () => void calls.push("error"),
  });
  aborter.results.push(result);
  await result.wait();
  const expected = result.successful() ? "value" : "error";
  if (calls.join() !== expected) {
    record.complaints.push(`callbacks for [${calls}] where one for its ${expected} was due`);
  }
  return result;
}

async function read(call: Call, results: ResultIterator<unknown>): Promise<void> {
  const { record } = call;
  if (record.job.reader === "loop") return await readInLoop(record, results);
  const most = record.job.tasks.length + 2;
  while (record.outcomes.length < most) {
    if (isTimeToLeave(record)) {
      record.left = true;
      return void await results.return();
    }
    if (record.job.reader === "slow") await new Promise((wake) => setTimeout(wake, 1));
    try {
      const { done, value } = await results.next();
      if (done) break;
      record.addValue(value);
    } catch (error) {
      record.addError(error);
    }
  }
  if (!(await results.next()).done) record.complaints.push("the iterator goes on after its end");
}

async function readInLoop(record: JobRecord, results: ResultIterator<unknown>): Promise<void> {
  try {
    for await (const value of results) {
      record.addValue(value);
      record.left = isTimeToLeave(record);
      if (record.left) break;
    }
  } catch (error) {
    record.left = true;
    record.addError(error);
  }
}

function isTimeToLeave({ job, outcomes }: JobRecord): boolean {
  return job.abort?.how === "leave" && outcomes.length >= job.abort.taken;
}
