import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JobChunk } from "../../../core/pool/job.ts";
import type { JobPolicy } from "../../../core/pool/policy.ts";
import { PoolWorker, type WorkerOwner, type WorkerState } from "../../../core/pool/pool_worker.ts";
import type { Death } from "../../../core/ports.ts";
import { InitializerError, TimeoutError, WorkerLostError } from "../../../errors.ts";
import { FakeTime } from "./fake_time.ts";
import {
  beginTasks,
  bringUp,
  LIMITS,
  newPost,
  NO_OWNER,
  type Post,
  type PostOptions,
  SilentThread,
} from "./silent_thread.ts";
import { type TracedJob, tracedJob } from "./traced_job.ts";

/** What an owner was told of its worker's end. */
interface Departure {
  readonly from: WorkerState;
  /** In which state it is then. */
  readonly to: WorkerState;
  readonly death: Death;
}

/** A worker, and what its owner is told of it. */
class Case {
  readonly post: Post;
  readonly worker: PoolWorker;
  readonly departures: Departure[] = [];
  readonly requeued: JobChunk[] = [];
  readonly breakages: Error[] = [];
  /** Times that the owner heard that it rested. */
  rests = 0;

  constructor(options: PostOptions = {}) {
    const owner: Partial<WorkerOwner> = {
      departed: ({ state }, from, death) => void this.departures.push({ from, to: state, death }),
      requeue: (chunk) => void this.requeued.push(chunk),
      broken: (newError) => void this.breakages.push(newError()),
      rested: () => ++this.rests > 1,
      ...options.owner,
    };
    this.post = newPost("w-1", { ...options, owner });
    this.worker = this.post.worker;
  }

  get thread(): SilentThread {
    return this.post.thread;
  }

  /** Gives it tasks as one chunk, and has it begin the first so many. */
  give(items: unknown[], begun = 0, policy: Partial<JobPolicy> = {}): TracedJob {
    const traced = tracedJob(items, { chunkSize: items.length, ...policy });
    const chunk = traced.job.take(items.length);
    assert(chunk);
    this.worker.backlog.add(chunk);
    beginTasks(this.post, chunk, begun);
    return traced;
  }

  /** The one error of a job. */
  static errorOf({ errors }: TracedJob): WorkerLostError {
    const [, error] = errors[0] ?? [];
    assert(error instanceof WorkerLostError);
    return error;
  }
}

describe("PoolWorker.state", () => {
  it("goes from starting to ready, leaving, stopping and gone", () => {
    const { worker, post, thread } = new Case({ isUp: false });
    const states: WorkerState[] = [worker.state];
    for (
      const step of [
        () => bringUp(post),
        () => worker.retire(),
        () => worker.stop(),
        () => thread.listener.ended(0),
      ]
    ) {
      step();
      states.push(worker.state);
    }
    assert.deepEqual(states, ["starting", "ready", "leaving", "stopping", "gone"]);
    assert.deepEqual(thread.told, ["start", "init", "stop"]);
  });

  it("is told with its end: from where it went, and whether its thread has ended", () => {
    const ends: [string, (it: Case) => void, Departure[]][] = [
      ["died", ({ thread }) => thread.listener.ended(7), [
        { from: "ready", to: "gone", death: { exitCode: 7 } },
      ]],
      ["was asked to stop", ({ worker, thread }) => {
        worker.stop();
        thread.listener.ended(0);
      }, [{ from: "stopping", to: "gone", death: { exitCode: 0 } }]],
      ["does not end", ({ worker, thread }) => {
        worker.kill();
        thread.listener.abandoned();
      }, [{ from: "stopping", to: "gone", death: { isAbandoned: true } }]],
      ["is discarded", (it) => {
        it.give(["a"], 1, { timeout: 9 });
        it.thread.listener.message({ kind: "began", chunk: 0 });
        it.thread.timers[0]?.ring();
        it.thread.listener.ended(undefined);
      }, [
        { from: "ready", to: "stopping", death: {} },
        { from: "stopping", to: "gone", death: { exitCode: undefined } },
      ]],
    ];
    for (const [name, end, expected] of ends) {
      const it = new Case();
      end(it);
      assert.deepEqual(it.departures, expected, name);
    }
  });

  it("ends once, whatever is said or asked afterwards", () => {
    const it = new Case();
    it.thread.listener.ended(1);
    it.thread.listener.ended(2);
    it.thread.listener.abandoned();
    it.worker.stop();
    it.worker.kill();
    bringUp(it.post);
    assert.equal(it.departures.length, 1);
    assert.deepEqual([it.worker.state, it.thread.told], ["gone", ["start", "init"]]);
  });

  it("stops once, and may be killed after that", () => {
    const { worker, thread } = new Case();
    worker.stop();
    worker.stop();
    worker.kill();
    assert.deepEqual(thread.told.slice(2), ["stop", "kill"]);
  });

  it("leaves no timer running once it is to end", () => {
    for (const end of ["stop", "kill"] as const) {
      const it = new Case({ idleTimeout: 9 });
      it.give(["a"], 1, { timeout: 9 });
      it.thread.listener.message({ kind: "began", chunk: 0 });
      assert(it.thread.timers.some(({ isRunning }) => isRunning));
      it.worker[end]();
      assert(!it.thread.timers.some(({ isRunning }) => isRunning), end);
    }
  });
});

describe("PoolWorker.isOpen", () => {
  it("is the case of a worker that is up, has tasks left to run, and none that was told to end", () => {
    assert.equal(new Case().worker.isOpen, true);
    assert.equal(new Case({ isUp: false }).worker.isOpen, false);
    assert.equal(new Case({ maxTasksPerWorker: 0 }).worker.isOpen, false);
    const interrupted = new Case({ abortGrace: 9 });
    interrupted.give(["a"], 1).job.abort(new Error("enough"));
    interrupted.worker.interruptIfAborted();
    assert.equal(interrupted.worker.isOpen, false);
    const leaving = new Case();
    leaving.worker.retire();
    assert.equal(leaving.worker.isOpen, false);
  });

  it("is not the case while the worker that it replaces runs its last tasks", () => {
    const old = new Case();
    old.give(["a"]);
    const place = { name: "w-2", index: 0, predecessor: old.worker };
    const ground = {
      limits: LIMITS,
      modules: [],
      initializer: undefined,
      time: new FakeTime(),
      newThread: (_name: string, listener: ConstructorParameters<typeof SilentThread>[0]) =>
        new SilentThread(listener),
    };
    const heir = new PoolWorker(place, NO_OWNER, ground);
    heir.message({ kind: "ready" });
    assert.deepEqual([heir.isOpen, heir.predecessor], [false, old.worker]);
    old.thread.listener.ended(1);
    assert.deepEqual([heir.isOpen, heir.predecessor], [true, undefined]);
  });
});

describe("PoolWorker that comes up", () => {
  it("starts its thread after the delay, and tells it its name and its initializer", () => {
    const initializer = { ref: { kind: "served" as const, name: "init" }, args: [1] };
    const { worker, thread } = new Case({ isUp: false, delay: 20, initializer });
    assert.deepEqual([thread.told, thread.timers.at(-1)?.ms], [[], 20]);
    thread.timers.at(-1)?.ring();
    assert.deepEqual(thread.told, ["start", "init"]);
    assert.deepEqual([thread.init?.workerName, thread.init?.initializer], ["w-1", initializer]);
    assert(thread.memory instanceof SharedArrayBuffer);
    assert.equal(worker.counts, true);
  });

  it("shares no memory with a thread that cannot", () => {
    const { thread } = new Case({ isUp: false, sharesMemory: false });
    assert.deepEqual([thread.told, thread.memory], [["start", "init"], undefined]);
  });

  it("is killed when it does not come up in time, for that reason", () => {
    const it = new Case({ isUp: false, startTimeout: 50 });
    it.thread.timers.at(-1)?.ring();
    assert.deepEqual(it.thread.told, ["start", "init", "kill"]);
    it.thread.listener.ended(1);
    const [{ from, death } = { from: undefined, death: undefined }] = it.departures;
    assert.equal(from, "starting");
    assert(death?.cause instanceof TimeoutError);
    assert.match(death.cause.message, /w-1.*50 ms/);
  });

  it("breaks the pool when its initializer fails, is out of time, dies, or cannot be sent", async () => {
    const failures: Record<string, (it: Case) => void> = {
      "out of time": ({ thread }) => void thread.timers.at(-1)?.ring(),
      "dies": ({ thread }) => thread.listener.ended(3),
    };
    for (const [name, fail] of Object.entries(failures)) {
      const it = new Case({ isUp: false, initTimeout: 50 });
      it.thread.listener.message({ kind: "initializing" });
      fail(it);
      assert.equal(it.breakages.length, 1, name);
      assert(it.breakages[0] instanceof InitializerError);
    }
    const ref = { kind: "served" as const, name: "init" };
    const unsent = new Case({ isUp: false, initializer: { ref, args: [() => {}] } });
    assert.equal(unsent.breakages.length, 0, "the roster is told while it starts workers");
    await Promise.resolve();
    assert.match(String(unsent.breakages[0]?.message), /initializer failed/);
  });
});

describe("PoolWorker that rests", () => {
  it("tells its owner once it has had nothing to do for long enough, and again if it stays", () => {
    const it = new Case({ idleTimeout: 0 });
    const timer = it.thread.timers.at(-1);
    timer?.ring();
    assert.deepEqual([it.rests, timer?.isRunning], [1, false]);
    it.give(["a"], 1);
    it.thread.listener.message({ kind: "began", chunk: 0 });
    const message = { kind: "results", chunk: 0, from: 0, values: [1], errors: [] };
    it.thread.listener.message({ ...message, ended: true, elapsed: 1 });
    timer?.ring();
    assert.deepEqual([it.rests, timer?.isRunning], [2, true]);
  });

  it("says nothing while it works", () => {
    const it = new Case({ idleTimeout: 0 });
    it.give(["a"], 1);
    it.thread.timers.at(-1)?.ring();
    assert.equal(it.rests, 0);
  });
});

describe("PoolWorker that is not its own master", () => {
  it("ends when it says what makes no sense, and is heard no more", () => {
    for (const lie of [undefined, { kind: "nonsense" }, { kind: "began" }]) {
      const it = new Case();
      const traced = it.give(["a"], 1);
      it.thread.listener.message(lie);
      const message = { kind: "results", chunk: 0, from: 0, values: [1], errors: [] };
      it.thread.listener.message({ ...message, ended: true, elapsed: 1 });
      assert.equal(it.thread.told.at(-1), "kill");
      assert.deepEqual(traced.values, []);
      it.thread.listener.ended(1);
      assert.match(Case.errorOf(traced).message, /makes no sense/);
    }
  });

  it("ends when it leaves out a task", () => {
    const it = new Case();
    it.give(["a", "b"], 2);
    const message = { kind: "results", chunk: 0, values: [1], errors: [], elapsed: 1 };
    it.thread.listener.message({ ...message, from: 1, ended: false });
    assert.equal(it.thread.told.at(-1), "kill");
    const short = new Case();
    short.give(["a", "b"], 2);
    short.thread.listener.message({ ...message, from: 0, ended: true });
    assert.equal(short.thread.told.at(-1), "kill");
  });
});

describe("PoolWorker that dies", () => {
  it("names itself, its exit code, and the task only if one was running", () => {
    const running = new Case();
    const traced = running.give(["a"], 1);
    running.thread.listener.ended(3);
    const error = Case.errorOf(traced);
    assert.deepEqual([error.task, error.workerName, error.exitCode], ["f", "w-1", 3]);
    assert.match(error.message, /task 'f'.*w-1.*exit code 3/);
    const idle = new Case({ isUp: false });
    idle.thread.listener.message({ kind: "initializing" });
    idle.thread.listener.ended(undefined);
    assert.match(String(idle.breakages[0]?.message), /run tasks.*w-1.*exit code unknown/);
  });

  it("keeps what went wrong first as the cause", () => {
    const it = new Case();
    const traced = it.give(["a"], 1);
    const cause = new RangeError("heap");
    it.thread.listener.failed(cause);
    it.thread.listener.failed(new Error("and so on"));
    it.thread.listener.ended(1);
    assert.equal(Case.errorOf(traced).cause, cause);
    assert.match(Case.errorOf(traced).message, /heap/);
  });

  it("leaves to others what it had not begun", () => {
    const it = new Case();
    it.give(["a", "b", "c"], 1);
    it.thread.listener.ended(1);
    assert.deepEqual(it.requeued.map(({ items }) => items), [["b", "c"]]);
    assert.equal(it.worker.hasBegunTasks, true);
  });

  it("that never began a task has begun none", () => {
    const it = new Case();
    it.give(["a"]);
    it.thread.listener.ended(1);
    assert.equal(it.worker.hasBegunTasks, false);
  });
});
