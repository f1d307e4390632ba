import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { ApplyCalls } from "../../../core/pool/apply_calls.ts";
import { Dispatcher } from "../../../core/pool/dispatcher.ts";
import { ImapCollector } from "../../../core/pool/collectors.ts";
import { Job } from "../../../core/pool/job.ts";
import { type JobPolicy, PLAIN_POLICY } from "../../../core/pool/policy.ts";
import { Scheduler } from "../../../core/pool/scheduler.ts";
import { FakeTime } from "./fake_time.ts";
import { newFakeThread } from "./fake_thread.ts";
import { LIMITS, newPost, type Post } from "./silent_thread.ts";
import { functionOf, tracedJob } from "./traced_job.ts";

/** Steps of a small run, and how many of those make up a large one. */
const STEPS = 2000;
const TIMES = 16;

/** Attempts until the machine, which has others to serve, gives a true picture. */
const MAX_ATTEMPTS = 8;

const fn = functionOf("f", 0.5);

/**
 * Asserts that a large run takes nothing like many times as long as small ones
 * of as many steps together. Being as long, they are disturbed as much; and the
 * shortest of several attempts is the one least disturbed.
 *
 * @param prepare Makes what is timed, for so many steps.
 */
function assertLinear(prepare: (steps: number) => () => void): void {
  let [small, large] = [Infinity, Infinity];
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
    small = Math.min(small, timeOf(Array.from({ length: TIMES }, () => prepare(STEPS))));
    large = Math.min(large, timeOf([prepare(STEPS * TIMES)]));
    if (large < 5 * small) return;
  }
  assert.fail(`a step took ${(large / small).toFixed(0)} times as long among ${TIMES} times more`);
}

/** What runs take of a processor, in µs: what others take of it meanwhile does not count. */
function timeOf(runs: readonly (() => void)[]): number {
  const start = process.cpuUsage();
  for (const run of runs) run();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** A scheduler whose workers never come up. */
function schedulerOf(maxQueue = Infinity): Scheduler {
  const limits = { ...LIMITS, workers: 2, maxQueue };
  const ground = { limits, time: new FakeTime(), newThread: newFakeThread };
  return new Scheduler({ ...ground, modules: [], initializer: undefined });
}

function dispatcherOf(workers: number, ...posts: Post[]): Dispatcher {
  const set = new Set(posts.map(({ worker }) => worker));
  const limits = { ...LIMITS, workers };
  return new Dispatcher(set, limits, new FakeTime(), () => {});
}

/** Has a worker given one chunk after the other. */
function runAll(dispatcher: Dispatcher, { worker }: Post, steps: number): void {
  for (let at = 0; at < steps; at++) {
    dispatcher.dispatch();
    assert(dispatcher.demand <= 1);
    worker.backlog.end();
  }
}

function newCall(policy: Partial<JobPolicy> = {}): Job {
  const calls = new ApplyCalls();
  calls.add([{ id: "call" }], { resolve: () => {}, reject: () => {} });
  return new Job(fn, { ...PLAIN_POLICY, ...policy }, calls, calls);
}

/** Priorities that differ, as a function of the step. */
const ORDERS: Record<string, (at: number) => number> = {
  rising: (at) => at,
  falling: (at) => -at,
  mixed: (at) => (at * 7919) % 31_991,
};

describe("Time that grows no faster than the calls do", () => {
  it("Scheduler.checkQueue() and queued take as long however much waits", () => {
    assertLinear((steps) => {
      const scheduler = schedulerOf(1e6);
      return () => {
        for (let at = 0; at < steps; at++) {
          scheduler.checkQueue();
          scheduler.submit(newCall());
        }
        assert.equal(scheduler.queued, steps);
      };
    });
  });

  for (const [name, priorityOf] of Object.entries(ORDERS)) {
    it(`Scheduler.submit() takes as long whatever waits of other priorities, ${name}`, () => {
      assertLinear((steps) => {
        const scheduler = schedulerOf();
        return () => {
          for (let at = 0; at < steps; at++) {
            scheduler.submit(newCall({ priority: priorityOf(at) }));
          }
        };
      });
    });

    it(`Scheduler.abort() takes as long whatever waits of other priorities, ${name}`, () => {
      assertLinear((steps) => {
        const scheduler = schedulerOf();
        const jobs = Array.from({ length: steps }, (_, at) => newCall({ priority: at }));
        for (const job of jobs) scheduler.submit(job);
        jobs.sort((a, b) => priorityOf(a.policy.priority) - priorityOf(b.policy.priority));
        return () => {
          for (const job of jobs) scheduler.abort(job, "reason");
        };
      });
    });

    it(`Dispatcher.dispatch() takes as long whatever waits of other priorities, ${name}`, () => {
      assertLinear((steps) => {
        const post = newPost();
        const dispatcher = dispatcherOf(1, post);
        for (let at = 0; at < steps; at++) {
          dispatcher.enqueue(newCall({ priority: priorityOf(at) }));
        }
        return () => runAll(dispatcher, post, steps);
      });
    });
  }

  it("Dispatcher.forget() and demand take as long however many calls died one by one", () => {
    assertLinear((steps) => {
      const dispatcher = dispatcherOf(2);
      const calls = Array.from({ length: steps }, () => newCall());
      for (const call of calls) dispatcher.enqueue(call);
      return () => {
        for (const call of calls.slice(1)) {
          call.cancel();
          dispatcher.forget(call);
          assert(dispatcher.demand > 0);
        }
      };
    });
  });

  it("Dispatcher.demand takes as long however many streams wait for their readers", () => {
    assertLinear((steps) => {
      const post = newPost();
      const dispatcher = dispatcherOf(1, post);
      for (let at = 0; at < steps; at++) {
        dispatcher.enqueue(tracedJob([1, 2], { bufferSize: () => 1, chunkSize: 1 }, fn).job);
      }
      return () => runAll(dispatcher, post, steps);
    });
  });

  it("Job.takeBack(), remaining and take() take as long however many tasks came back", () => {
    assertLinear((steps) => {
      const { job } = tracedJob(Array.from({ length: steps }, (_, at) => at));
      const chunks = Array.from({ length: steps }, () => job.take(1));
      return () => {
        for (const chunk of chunks) chunk && job.takeBack(chunk);
        for (let at = 0; at < steps; at++) {
          assert.equal(job.remaining, steps - at);
          job.take(1);
        }
      };
    });
  });

  it("ImapCollector lets waiters leave in the order in which they came, or against it", () => {
    for (const isReversed of [false, true]) {
      assertLinear((steps) => {
        const collector = new ImapCollector(true, () => {});
        const waiters = Array.from({ length: steps }, () => collector.wait());
        if (isReversed) waiters.reverse();
        return () => {
          for (const waiter of waiters) waiter.leave();
        };
      });
    }
  });
});
