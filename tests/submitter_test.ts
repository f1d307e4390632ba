import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import { defaultBufferSize, type KnownFunction } from "../core/pool/functions.ts";
import type { Resolvers } from "../core/pool/collectors.ts";
import type { Job, JobChunk } from "../core/pool/job.ts";
import type { JobPolicy } from "../core/pool/policy.ts";
import type { PoolState, Scheduler } from "../core/pool/scheduler.ts";
import type { TaskCode } from "../core/wire/source_text.ts";
import { keyOf, type TaskRef } from "../core/wire/task_ref.ts";
import { fromModule, inline, PoolStateError, QueueFullError } from "../mod.ts";
import {
  type AnyItems,
  type AnyTask,
  noteLocal,
  Submitter,
  type SubmitterSettings,
} from "../submitter.ts";
import { rejectionOf } from "./fixtures/rejection.ts";
import { LIMITS } from "./core/pool/silent_thread.ts";
import { countingOwner } from "./core/pool/traced_job.ts";
import { WatchedInput } from "./fixtures/watched_input.ts";

/** One call that goes by `submitCall`. */
interface PlainCall {
  readonly fn: KnownFunction;
  readonly args: readonly unknown[];
  readonly resolvers: Resolvers<unknown>;
}

/** Has all of a scheduler that is asked, and does nothing but note it. */
class FakeScheduler {
  state: PoolState = "running";
  readonly calls: PlainCall[] = [];
  readonly jobs: Job[] = [];
  readonly broadcasts: Job[] = [];
  readonly aborted: [Job, unknown][] = [];
  /** How often it was asked whether another call may wait, and what it says. */
  asked = 0;
  refusal: Error | undefined;

  checkQueue(): void {
    this.asked++;
    if (this.refusal !== undefined) throw this.refusal;
  }

  submitCall(fn: KnownFunction, args: readonly unknown[], resolvers: Resolvers<unknown>): void {
    this.calls.push({ fn, args, resolvers });
  }

  submit(job: Job): void {
    this.jobs.push(job);
  }

  broadcast(job: Job): void {
    this.broadcasts.push(job);
  }

  abort(job: Job, reason: unknown): void {
    this.aborted.push([job, reason]);
    job.abort(reason);
  }

  /** How many submissions came, of whatever kind. */
  get submissions(): number {
    return this.calls.length + this.jobs.length + this.broadcasts.length + this.aborted.length;
  }

  /** The one job that was submitted. */
  get job(): Job {
    const [job] = this.jobs;
    assert.ok(job, "no job was submitted");
    assert.equal(this.submissions, 1);
    return job;
  }
}

/** A submitter, and what its scheduler was asked for. */
function makeDesk(
  { taskTimeout, ...given }: Partial<SubmitterSettings> & { taskTimeout?: number } = {},
): {
  submitter: Submitter;
  scheduler: FakeScheduler;
} {
  const scheduler = new FakeScheduler();
  const home = { url: "file:///tasks.ts" };
  const limits = { ...LIMITS, workers: 3, taskTimeout };
  const settings = { limits, home, local: undefined, ...given };
  // It has all that a submitter asks for.
  const submitter = new Submitter(scheduler as unknown as Scheduler, settings);
  return { submitter, scheduler };
}

/** Has all tasks of a job give their items; gives these. */
function runAll(job: Job): unknown[] {
  job.attach(countingOwner());
  const items: unknown[] = [];
  for (let chunk = job.take(100); chunk !== undefined; chunk = job.take(100)) {
    items.push(...Array.from(chunk.items));
    chunk.fulfil(chunk.items);
    job.advance();
  }
  return items;
}

/** Those of a policy's entries that have these names. */
function pick(policy: JobPolicy, ...names: (keyof JobPolicy)[]): Partial<JobPolicy> {
  return Object.fromEntries(names.map((name) => [name, policy[name]]));
}

const double = (n: number): number => n * 2;
const one = { spread: false };
const many = { spread: true };

/** Every way to submit something, with options where it takes some. */
const WAYS: Readonly<
  Record<string, (submitter: Submitter, fn: AnyTask, options?: object) => unknown>
> = {
  "apply()": (submitter, fn, options) => submitter.apply(fn, [1], options),
  "applyAsync()": (submitter, fn, options = {}) => submitter.applyAsync(fn, [1], options),
  "map()": (submitter, fn, options = {}) => submitter.map(fn, [1], options, one),
  "mapAsync()": (submitter, fn, options = {}) => submitter.mapAsync(fn, [1], options, one),
  "mapSettled()": (submitter, fn, options = {}) => submitter.mapSettled(fn, [1], options),
  "imap()": (submitter, fn, options = {}) =>
    submitter.imap(fn, [1], options, { spread: false, ordered: true }),
  "broadcast()": (submitter, fn) => submitter.broadcast(fn, [1]),
};

/** Those whose options are asked for. */
const WITH_OPTIONS = Object.entries(WAYS).filter(([name]) => name !== "broadcast()");

/** Those that take many items. */
const OF_ITEMS: Readonly<
  Record<string, (submitter: Submitter, items: AnyItems, options?: object) => unknown>
> = {
  "map()": (submitter, items, options = {}) => submitter.map(double, items, options, one),
  "mapAsync()": (submitter, items, options = {}) => submitter.mapAsync(double, items, options, one),
  "mapSettled()": (submitter, items, options = {}) => submitter.mapSettled(double, items, options),
  "imap()": (submitter, items, options = {}) =>
    submitter.imap(double, items, options, { spread: false, ordered: true }),
};

describe("apply()", () => {
  it("apply() without options goes as a plain call, and settles as its caller is told", async () => {
    const { submitter, scheduler } = makeDesk();
    const [good, bad] = [submitter.apply(double, [1]), submitter.apply(double, [2])];
    const [first, second] = scheduler.calls;
    assert.deepEqual([first?.args, second?.args], [[1], [2]]);
    assert.deepEqual([scheduler.jobs, scheduler.asked], [[], 2]);
    first?.resolvers.resolve("one");
    second?.resolvers.reject(new RangeError("two"));
    assert.equal(await good, "one");
    await assert.rejects(bad, RangeError);
  });

  it("apply() names equal functions by one entry, and others by others", () => {
    const { submitter, scheduler } = makeDesk();
    const { double: reference, half } = fromModule<Record<"double" | "half", typeof double>>(
      "file:///tasks.ts",
    );
    // A reference goes by the key of its export, a function by its name: they may be two.
    for (const fn of [double, double, reference, half]) void submitter.apply(fn, [1]);
    const [first, ...others] = scheduler.calls.map(({ fn }) => fn);
    assert.deepEqual(others.map((fn) => fn === first), [true, false, false]);
    assert.equal(first?.name, "double");
  });

  it("apply() notes where it was called, for the stack of its error", () => {
    const { submitter, scheduler } = makeDesk();
    function caller(): void {
      void submitter.apply(double, [1]);
    }
    caller();
    assert.match(scheduler.calls[0]?.resolvers.callSite?.stack ?? "", /caller/);
  });

  it("apply() with any options, even none of them, is a job of its own", async () => {
    const { submitter, scheduler } = makeDesk();
    const applied = submitter.apply(double, [7], {});
    const { policy } = scheduler.job;
    assert.deepEqual(pick(policy, "counted", "spread", "eager", "priority", "retries"), {
      counted: true,
      spread: true,
      eager: true,
      priority: 0,
      retries: 0,
    });
    assert.deepEqual(pick(policy, "abortable", "timeout", "transfer", "onReport", "context"), {
      abortable: false,
      timeout: undefined,
      transfer: undefined,
      onReport: undefined,
      context: undefined,
    });
    assert.deepEqual(runAll(scheduler.job), [[7]]);
    assert.deepEqual(await applied, [7]);
  });

  it("apply() in a pool with a taskTimeout is a job with that time", () => {
    const { submitter, scheduler } = makeDesk({ taskTimeout: 50 });
    void submitter.apply(double, [1]);
    assert.equal(scheduler.job.policy.timeout, 50);
  });

  it("apply() hands over what its options say, without regard to the items", () => {
    const { submitter, scheduler } = makeDesk();
    const { buffer } = new Uint8Array(8);
    void submitter.apply(double, [1], { transfer: [buffer] });
    assert.deepEqual(scheduler.job.policy.transfer?.([1], 0), [buffer]);
  });

  it("apply() takes an empty list of what is handed over for none", () => {
    const { submitter, scheduler } = makeDesk();
    void submitter.apply(double, [1], { transfer: [] });
    assert.equal(scheduler.job.policy.transfer, undefined);
  });

  it("apply() calls onReport on its options, with the value alone, in the context of the call", () => {
    const { submitter, scheduler } = makeDesk();
    const storage = new AsyncLocalStorage<string>();
    const heard: unknown[] = [];
    const options = {
      onReport(...values: unknown[]) {
        heard.push(this === options, ...values, storage.getStore());
      },
    };
    storage.run("of the call", () => void submitter.apply(double, [1], options));
    const { context, onReport } = scheduler.job.policy;
    context?.(() => onReport?.("half", 0));
    assert.deepEqual(heard, [true, "half", "of the call"]);
  });

  it("apply() rejects when no further call may wait", async () => {
    const { submitter, scheduler } = makeDesk();
    scheduler.refusal = new QueueFullError("full");
    for (const options of [undefined, {}]) {
      assert.equal(await rejectionOf(submitter.apply(double, [1], options)), scheduler.refusal);
    }
    assert.equal(scheduler.submissions, 0);
  });
});

describe("applyAsync()", () => {
  it("applyAsync() is a job that can be aborted, as which it hands the reason on", async () => {
    const { submitter, scheduler } = makeDesk();
    const result = submitter.applyAsync(double, [7], {});
    const { job } = scheduler;
    const { counted, abortable, spread } = job.policy;
    assert.deepEqual([counted, abortable, spread], [true, true, true]);
    result.abort("enough");
    assert.deepEqual(scheduler.aborted, [[job, "enough"]]);
    await assert.rejects(result, (reason) => reason === "enough");
  });

  it("applyAsync() calls back with the value, and with the error, before it is ready", async () => {
    const { submitter, scheduler } = makeDesk();
    const heard: unknown[] = [];
    const options = {
      callback: (value: unknown) => heard.push("value", value, result.ready()),
      errorCallback: (error: unknown) => heard.push("error", error, result.ready()),
    };
    let result = submitter.applyAsync(double, [7], options);
    runAll(scheduler.job);
    await result;
    result = submitter.applyAsync(double, [8], options);
    result.abort("enough");
    await result.wait();
    assert.deepEqual(heard, ["value", [7], false, "error", "enough", false]);
  });

  it("applyAsync() gives a result that has failed when no further call may wait", async () => {
    const { submitter, scheduler } = makeDesk();
    scheduler.refusal = new QueueFullError("full");
    const result = submitter.applyAsync(double, [1], {});
    assert.equal(await rejectionOf(result), scheduler.refusal);
    result.abort();
    assert.equal(scheduler.submissions, 0);
  });
});

describe("The policy of a job", () => {
  for (const [name, submit] of WITH_OPTIONS) {
    it(`${name} takes it over from the options`, () => {
      const { submitter, scheduler } = makeDesk({ taskTimeout: 50 });
      const { signal } = new AbortController();
      void submit(submitter, double, { timeout: 20, priority: -3, retries: 2, signal });
      assert.deepEqual(pick(scheduler.job.policy, "timeout", "priority", "retries", "abortable"), {
        timeout: 20,
        priority: -3,
        retries: 2,
        abortable: true,
      });
    });

    it(`${name} gives it the pool's taskTimeout where the options have no timeout`, () => {
      const { submitter, scheduler } = makeDesk({ taskTimeout: 50 });
      void submit(submitter, double, { priority: 1 });
      assert.equal(scheduler.job.policy.timeout, 50);
    });
  }

  it("map() counts no task for maxQueue, takes items singly, and ends a chunk at its error", () => {
    const { submitter, scheduler } = makeDesk();
    void submitter.map(double, [1, 2], {}, one);
    const { policy } = scheduler.job;
    assert.deepEqual(pick(policy, "counted", "spread", "stopOnError", "failFast", "eager"), {
      counted: false,
      spread: false,
      stopOnError: true,
      failFast: false,
      eager: false,
    });
    assert.deepEqual([policy.chunkSize, policy.context, scheduler.asked], [
      undefined,
      undefined,
      0,
    ]);
  });

  it("map() and mapAsync() take lists of arguments where they are told to", () => {
    const { submitter, scheduler } = makeDesk();
    void submitter.map(double, [[1]], {}, many);
    submitter.mapAsync(double, [[1]], {}, many);
    const flags = scheduler.jobs.map(({ policy }) => [policy.spread, policy.stopOnError]);
    assert.deepEqual(flags, [[true, true], [true, true]]);
  });

  it("map() takes chunkSize and failFast as they are given", () => {
    const { submitter, scheduler } = makeDesk();
    void submitter.map(double, [1], { chunkSize: 7, failFast: true }, one);
    assert.deepEqual(pick(scheduler.job.policy, "chunkSize", "failFast"), {
      chunkSize: 7,
      failFast: true,
    });
  });

  it("mapSettled() ends neither chunk nor job at an error", () => {
    const { submitter, scheduler } = makeDesk();
    void submitter.mapSettled(double, [1], { failFast: true });
    assert.deepEqual(pick(scheduler.job.policy, "spread", "failFast", "stopOnError"), {
      spread: false,
      failFast: false,
      stopOnError: false,
    });
  });

  it("map() wants values at once for onProgress, but in the chunks that its caller chose", () => {
    const { submitter, scheduler } = makeDesk();
    const onProgress = () => {};
    void submitter.map(double, [1], { onProgress }, one);
    void submitter.map(double, [1], { onProgress, chunkSize: 2 }, one);
    assert.deepEqual(scheduler.jobs.map(({ policy }) => policy.eager), [true, false]);
  });

  it("map() calls back on its options, with what each callback is for", () => {
    const { submitter, scheduler } = makeDesk();
    const heard: unknown[] = [];
    const options = {
      onProgress(progress: unknown) {
        heard.push("progress", this === options, progress);
      },
      onReport(value: unknown, index: number) {
        heard.push("report", this === options, value, index);
      },
      transfer(item: unknown, index: number) {
        heard.push("transfer", this === options, item, index);
        return [];
      },
    };
    void submitter.map(double, [1], options, one);
    const { policy } = scheduler.job;
    policy.onProgress?.({ done: 1, total: 2 });
    policy.onReport?.("half", 5);
    policy.transfer?.(8, 6);
    const progress = ["progress", true, { done: 1, total: 2 }];
    assert.deepEqual(heard, [...progress, "report", true, "half", 5, "transfer", true, 8, 6]);
  });

  it("map() runs its caller's code in the context of the call, if it has any to run", () => {
    const { submitter, scheduler } = makeDesk();
    const storage = new AsyncLocalStorage<string>();
    const look = () => storage.getStore();
    storage.run("of the call", () => {
      void submitter.map(double, new WatchedInput(1).sync, {}, one);
      for (const name of ["onProgress", "onReport", "transfer"]) {
        void submitter.map(double, [1], { [name]: () => [] }, one);
      }
    });
    const seen = scheduler.jobs.map(({ policy }) => policy.context?.(look));
    assert.deepEqual(seen, Array(4).fill("of the call"));
  });

  it("map() asks in the context of the call what is handed over", () => {
    const { submitter, scheduler } = makeDesk();
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const transfer = () => {
      seen.push(storage.getStore());
      return [];
    };
    storage.run("of the call", () => void submitter.map(double, [1], { transfer }, one));
    scheduler.job.policy.transfer?.(1, 0);
    assert.deepEqual(seen, ["of the call"]);
  });

  it("imap() has values at once, and as many as bufferSize says", () => {
    const { submitter, scheduler } = makeDesk();
    submitter.imap(double, [1], { bufferSize: 5 }, { spread: true, ordered: false });
    const { spread, eager, stopOnError, bufferSize, leastRoom } = scheduler.job.policy;
    assert.deepEqual([spread, eager, stopOnError], [true, true, false]);
    assert.deepEqual([bufferSize?.(), leastRoom?.()], [5, 1]);
  });

  it("imap() runs ahead as far as its tasks' cost, or chunkSize, makes chunks", () => {
    const { submitter, scheduler } = makeDesk();
    const shape = { spread: false, ordered: true };
    submitter.imap(double, [1], {}, shape);
    submitter.imap(double, [1], { chunkSize: 10 }, shape);
    const [unsized, sized] = scheduler.jobs;
    assert.equal(unsized?.policy.bufferSize?.(), defaultBufferSize(1, 3, false));
    assert.equal(sized?.policy.bufferSize?.(), defaultBufferSize(10, 3, false));
    assert.equal(sized?.policy.leastRoom?.(), defaultBufferSize(10, 3, false) / 4);
    unsized?.fn.measure(1, 0.1);
    assert.equal(unsized?.policy.bufferSize?.(), defaultBufferSize(20, 3, false));
  });

  it("imap() runs farther ahead while its reader waits", async () => {
    const { submitter, scheduler } = makeDesk();
    const results = submitter.imap(double, [1], {}, { spread: false, ordered: true });
    const before = scheduler.job.policy.bufferSize?.();
    const next = results.next();
    const meanwhile = scheduler.job.policy.bufferSize?.();
    runAll(scheduler.job);
    await next;
    const after = scheduler.job.policy.bufferSize?.();
    const [resting, awaited] = [false, true].map((isAwaited) => defaultBufferSize(1, 3, isAwaited));
    assert.deepEqual([before, meanwhile, after], [resting, awaited, resting]);
  });

  for (const [name, submit] of Object.entries(OF_ITEMS)) {
    it(`${name} notes where it was called, for the stacks of its errors`, () => {
      const { submitter, scheduler } = makeDesk();
      function caller(): void {
        void submit(submitter, [1]);
      }
      caller();
      assert.match(scheduler.job.policy.callSite?.stack ?? "", /caller/);
    });
  }

  it("broadcast() has one task for each worker, which counts and stays where it is", async () => {
    const { submitter, scheduler } = makeDesk({ taskTimeout: 50 });
    const outcome = submitter.broadcast(double, [7]);
    const [job] = scheduler.broadcasts;
    assert.ok(job);
    assert.deepEqual(pick(job.policy, "bound", "counted", "spread", "timeout"), {
      bound: true,
      counted: true,
      spread: true,
      timeout: 50,
    });
    assert.deepEqual([scheduler.submissions, runAll(job)], [1, [[7], [7], [7]]]);
    assert.deepEqual(await outcome, [[7], [7], [7]]);
  });
});

describe("What a job gives its caller", () => {
  it("map() and mapAsync() resolve to the values in the order of their items", async () => {
    const { submitter, scheduler } = makeDesk();
    const mapped = submitter.map(double, [1, 2, 3], {}, one);
    const result = submitter.mapAsync(double, new WatchedInput(3).sync, {}, one);
    for (const job of scheduler.jobs) {
      job.attach(countingOwner());
      const chunks = [job.take(1), job.take(2)];
      for (const chunk of chunks.reverse()) chunk?.fulfil(chunk.items);
      job.advance();
    }
    assert.deepEqual(await mapped, [1, 2, 3]);
    scheduler.jobs[1]?.probe();
    assert.deepEqual(await result, [0, 1, 2]);
  });

  it("mapAsync() calls back with all values, but for no items as little as Python", async () => {
    const { submitter, scheduler } = makeDesk();
    const heard: unknown[] = [];
    const options = { callback: (values: unknown[]) => heard.push(values) };
    const some = submitter.mapAsync(double, [1, 2], options, one);
    const none = submitter.mapAsync(double, [], options, one);
    for (const job of scheduler.jobs) runAll(job);
    assert.deepEqual([await some, await none], [[1, 2], []]);
    assert.deepEqual(heard, [[1, 2]]);
  });

  it("mapAsync() hands an abort on, with its reason", async () => {
    const { submitter, scheduler } = makeDesk();
    const result = submitter.mapAsync(double, [1], {}, one);
    const { job } = scheduler;
    assert.equal(job.policy.abortable, true);
    result.abort("enough");
    assert.deepEqual(scheduler.aborted, [[job, "enough"]]);
    await result.wait();
  });

  it("mapSettled() resolves to outcomes", async () => {
    const { submitter, scheduler } = makeDesk();
    const settled = submitter.mapSettled(double, [1], {});
    runAll(scheduler.job);
    assert.deepEqual(await settled, [{ status: "fulfilled", value: 1 }]);
  });

  it("imap() cancels its job when its reader leaves", async () => {
    const { submitter, scheduler } = makeDesk();
    const input = new WatchedInput();
    const results = submitter.imap(double, input.sync, {}, { spread: false, ordered: true });
    const { job } = scheduler;
    job.attach(countingOwner());
    job.take(1);
    await results.return();
    assert.deepEqual([job.over, input.returned], [true, 1]);
    assert.deepEqual(await results.next(), { done: true, value: undefined });
  });
});

describe("How a job reads its input", () => {
  it("map() reads the items that an array has at the call, and imap() those that it gets", () => {
    const { submitter, scheduler } = makeDesk();
    const items = [1];
    void submitter.map(double, items, {}, one);
    submitter.imap(double, items, {}, { spread: false, ordered: true });
    items.push(2);
    assert.deepEqual(scheduler.jobs.map(runAll), [[1], [1, 2]]);
  });

  for (const [name, submit] of Object.entries(OF_ITEMS)) {
    it(`${name} gives what an async input has, but fills a chunk of a chosen size`, async () => {
      const sizes: (number | undefined)[] = [];
      for (const options of [{}, { chunkSize: 3 }]) {
        const { submitter, scheduler } = makeDesk();
        const outcome = submit(submitter, new WatchedInput(3), options);
        const { job } = scheduler;
        const chunk = Promise.withResolvers<JobChunk | undefined>();
        job.attach({
          ...countingOwner(),
          wake: () => chunk.resolve(job.take(3)),
        });
        assert.equal(job.take(3), undefined);
        sizes.push((await chunk.promise)?.size);
        job.fail(new RangeError("enough"));
        if (name !== "imap()") await Promise.allSettled([outcome]);
      }
      assert.deepEqual(sizes, [1, 3]);
    });
  }

  it("imap() has its job give more when its reader has taken something", async () => {
    const { submitter, scheduler } = makeDesk();
    const shape = { spread: false, ordered: true };
    const results = submitter.imap(double, [1, 2], { bufferSize: 1 }, shape);
    const { job } = scheduler;
    let wakes = 0;
    job.attach({ ...countingOwner(), wake: () => void wakes++ });
    const chunk = job.take(2);
    chunk?.fulfil(chunk.items);
    assert.deepEqual([chunk?.items, job.take(2), wakes], [[1], undefined, 0]);
    assert.deepEqual(await results.next(), { done: false, value: 1 });
    assert.ok(wakes > 0);
    assert.deepEqual(job.take(2)?.items, [2]);
  });

  it("imap() gives results in order, or as they come", async () => {
    for (const [ordered, first] of [[true, 1], [false, 2]] as const) {
      const { submitter, scheduler } = makeDesk();
      const results = submitter.imap(double, [1, 2], {}, { spread: false, ordered });
      const { job } = scheduler;
      job.attach(countingOwner());
      for (const chunk of [job.take(1), job.take(1)].reverse()) chunk?.fulfil(chunk.items);
      assert.deepEqual(await results.next(), { done: false, value: first });
    }
  });

  it("imap() whose reader leaves waits until its input has cleaned up", async () => {
    const { submitter, scheduler } = makeDesk();
    const input = new WatchedInput().sync;
    const items: Iterable<number> = {
      [Symbol.iterator]: () => ({
        ...input[Symbol.iterator](),
        return: () => {
          throw new RangeError("not cleaned up");
        },
      }),
    };
    const results = submitter.imap(double, items, {}, { spread: false, ordered: true });
    scheduler.job.attach(countingOwner());
    await assert.rejects(results.return(), RangeError);
  });
});

describe("The signal of a job", () => {
  for (const [name, submit] of WITH_OPTIONS) {
    it(`${name} has the job aborted, with the reason, when it aborts`, async () => {
      const { submitter, scheduler } = makeDesk();
      const controller = new AbortController();
      const outcome = submit(submitter, double, { signal: controller.signal });
      const { job } = scheduler;
      assert.deepEqual(scheduler.aborted, []);
      controller.abort("enough");
      assert.deepEqual(scheduler.aborted, [[job, "enough"]]);
      if (name !== "imap()") await Promise.allSettled([outcome]);
    });

    it(`${name} submits nothing if it has aborted before`, async () => {
      const { submitter, scheduler } = makeDesk();
      const outcome = submit(submitter, double, { signal: AbortSignal.abort("before") });
      assert.deepEqual(scheduler.jobs, []);
      assert.deepEqual(scheduler.aborted.map(([, reason]) => reason), ["before"]);
      if (name !== "imap()") await Promise.allSettled([outcome]);
    });

    it(`${name} leaves it alone once the job is over`, async () => {
      const { submitter, scheduler } = makeDesk();
      const controller = new AbortController();
      const outcome = submit(submitter, double, { signal: controller.signal });
      runAll(scheduler.job);
      if (name !== "imap()") await outcome;
      controller.abort("too late");
      assert.deepEqual(scheduler.aborted, []);
    });
  }
});

describe("What is refused", () => {
  for (const [name, submit] of Object.entries(WAYS)) {
    it(`${name} throws a PoolStateError when its pool takes no more`, () => {
      const { submitter, scheduler } = makeDesk();
      for (const state of ["closed", "terminated"] as const) {
        scheduler.state = state;
        assert.throws(
          () => submit(submitter, double),
          (error) => error instanceof PoolStateError && error.message.endsWith(state),
        );
      }
      assert.equal(scheduler.submissions, 0);
    });

    it(`${name} leaves it to a broken pool to fail the job`, () => {
      const { submitter, scheduler } = makeDesk();
      scheduler.state = "broken";
      void submit(submitter, double);
      assert.equal(scheduler.submissions, 1);
    });

    it(`${name} throws a TypeError for what is no function, or cannot be sent`, () => {
      const { submitter, scheduler } = makeDesk({ home: undefined });
      // Callers without types pass anything.
      for (const fn of [undefined, "double", {}, Math.max, class {}] as unknown as AnyTask[]) {
        assert.throws(() => submit(submitter, fn), TypeError);
      }
      assert.equal(scheduler.submissions, 0);
    });
  }

  for (const [name, submit] of WITH_OPTIONS) {
    it(`${name} throws at once for a bad option, before it looks at anything else`, () => {
      const { submitter, scheduler } = makeDesk();
      scheduler.state = "closed";
      assert.throws(() => submit(submitter, double, { timeout: "1" }), TypeError);
      assert.throws(() => submit(submitter, double, { retries: -1 }), RangeError);
      assert.throws(() => submit(submitter, double, { signal: {} }), TypeError);
      assert.equal(scheduler.submissions, 0);
    });
  }

  it("apply() and applyAsync() want a list of what is handed over, the others a function", () => {
    const { submitter, scheduler } = makeDesk();
    for (const [name, submit] of WITH_OPTIONS) {
      const [good, bad] = name.startsWith("apply") ? [[], () => []] : [() => [], []];
      assert.throws(() => submit(submitter, double, { transfer: bad }), TypeError);
      assert.equal(scheduler.submissions, 0);
      void submit(submitter, double, { transfer: good });
      assert.equal(scheduler.jobs.splice(0).length, 1);
    }
  });

  it("apply(), applyAsync() and broadcast() throw a TypeError for arguments that are no array", () => {
    const { submitter, scheduler } = makeDesk();
    for (const args of ["ab", { length: 1 }, new Set([1])] as unknown as unknown[][]) {
      const error = { name: "TypeError", message: /arguments must be an array/ };
      assert.throws(() => submitter.apply(double, args), error);
      assert.throws(() => submitter.applyAsync(double, args, {}), error);
      assert.throws(() => submitter.broadcast(double, args), error);
    }
    assert.equal(scheduler.submissions, 0);
  });

  for (const [name, submit] of Object.entries(OF_ITEMS)) {
    it(`${name} throws a TypeError for items that cannot be read`, () => {
      const { submitter, scheduler } = makeDesk();
      for (const items of [7, null, {}] as unknown as AnyItems[]) {
        assert.throws(() => submit(submitter, items), TypeError);
      }
      assert.equal(scheduler.submissions, 0);
    });

    it(`${name} opens no input of a job that it refuses`, () => {
      const { submitter, scheduler } = makeDesk();
      let opened = 0;
      const items: Iterable<number> = {
        [Symbol.iterator]: () => {
          opened++;
          return [1].values();
        },
      };
      assert.throws(() => submit(submitter, items, { chunkSize: 0 }), RangeError);
      scheduler.state = "closed";
      assert.throws(() => submit(submitter, items), PoolStateError);
      assert.equal(opened, 0);
    });

    it(`${name} closes an input that ends its pool as it is opened`, () => {
      const { submitter, scheduler } = makeDesk();
      const input = new WatchedInput();
      const items: Iterable<number> = {
        [Symbol.iterator]: () => {
          scheduler.state = "closed";
          return input.sync[Symbol.iterator]();
        },
      };
      assert.throws(() => submit(submitter, items), PoolStateError);
      assert.deepEqual([scheduler.submissions, input.returned, input.pulled], [0, 1, 0]);
    });
  }
});

describe("Where functions are found", () => {
  const refOf = (fn: AnyTask, given: Partial<SubmitterSettings>): TaskRef | undefined => {
    const { submitter, scheduler } = makeDesk(given);
    void submitter.apply(fn, [1]);
    return scheduler.calls[0]?.fn.ref;
  };

  it("apply() sends a function by its name where its pool has a home for it", () => {
    const passed = { length: 1, text: undefined, canBeSent: true };
    const module = { kind: "module", url: "file:///tasks.ts", name: "double", passed };
    assert.deepEqual(refOf(double, { home: { url: "file:///tasks.ts" } }), module);
    assert.deepEqual(refOf(double, { home: "served" }), { kind: "served", name: "double", passed });
  });

  it("apply() sends the source text of a function where there is none", () => {
    assert.equal(refOf(double, { home: undefined })?.kind, "source");
    assert.equal(refOf(inline(double), { home: "served" })?.kind, "source");
  });

  it("apply() notes the function that is passed, once, for a pool on the calling thread", () => {
    const local = new Map<string, TaskCode>();
    const { submitter } = makeDesk({ local });
    for (const n of [1, 2]) void submitter.apply(double, [n]);
    void submitter.apply((n: number) => n, [1]);
    assert.deepEqual([...local], [["module double(1)  file:///tasks.ts", double]]);
  });
});

describe("noteLocal()", () => {
  const served: TaskRef = { kind: "served", name: "double" };

  it("noteLocal() keeps a function under the key of its reference", () => {
    const local = new Map<string, TaskCode>();
    noteLocal(double, served, local);
    assert.deepEqual([...local], [[keyOf(served), double]]);
  });

  it("noteLocal() keeps neither references nor what goes as source text", () => {
    const local = new Map<string, TaskCode>();
    noteLocal(undefined, served, local);
    noteLocal(fromModule<{ double(n: number): number }>().double, served, local);
    noteLocal(double, { kind: "source", source: String(double), name: "double" }, local);
    assert.equal(local.size, 0);
  });

  it("noteLocal() does nothing where there are workers", () => {
    noteLocal(double, served, undefined);
  });
});
