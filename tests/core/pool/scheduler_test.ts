import { unpack } from "../../../core/wire/packing.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApplyCalls } from "../../../core/pool/apply_calls.ts";
import { MAX_CHUNK } from "../../../core/wire/shared_memory.ts";
import { FunctionTable, type KnownFunction } from "../../../core/pool/functions.ts";
import { ImapCollector, MapCollector } from "../../../core/pool/collectors.ts";
import { Job } from "../../../core/pool/job.ts";
import { type JobPolicy, PLAIN_POLICY } from "../../../core/pool/policy.ts";
import { Scheduler } from "../../../core/pool/scheduler.ts";
import type { PoolLimits, ThreadListener } from "../../../core/ports.ts";
import { openInput } from "../../../core/pool/inputs.ts";
import {
  InitializerError,
  PoolStateError,
  PoolTerminatedError,
  QueueFullError,
  TimeoutError,
  WorkerLostError,
} from "../../../errors.ts";
import { FakeTime } from "./fake_time.ts";
import { type FakeTask, FakeThread, taskOf } from "./fake_thread.ts";
import { settle } from "./scheduler_world.ts";
import { LIMITS } from "./silent_thread.ts";

/** A scheduler whose workers do only what a test tells them. */
class Bench {
  readonly workers: FakeThread[] = [];
  readonly scheduler: Scheduler;
  /** Tasks in the order in which they began, each with its worker. */
  readonly begun: string[] = [];
  readonly fn: KnownFunction;
  readonly time: FakeTime = new FakeTime();
  readonly #functions = new FunctionTable();

  constructor(limits: Partial<PoolLimits> = {}, hasGrace = false) {
    this.fn = this.functionOf("f");
    const times = { idleTimeout: 0, abortGrace: hasGrace ? 1000 : 0 };
    const newThread = (_name: string, listener: ThreadListener) => {
      const began = ({ id }: FakeTask) => void this.begun.push(`${id}@${thread.worker.name}`);
      const thread: FakeThread = new FakeThread(listener, { began });
      this.workers.push(thread);
      return thread;
    };
    this.scheduler = new Scheduler({
      limits: { ...LIMITS, workers: 2, ...times, ...limits },
      time: this.time,
      newThread,
      modules: [],
      initializer: undefined,
    });
  }

  functionOf(name: string): KnownFunction {
    return this.#functions.intern({ kind: "served", name });
  }

  /** A worker by its number; the first is 1. */
  worker(number: number): FakeThread {
    const worker = this.workers[number - 1];
    assert(worker, `there is no worker ${number}`);
    return worker;
  }

  /** Lets everything that was asked for happen, and the new workers come up. */
  async up(): Promise<void> {
    await settle();
    for (const worker of this.workers) {
      if (worker.worker.state !== "starting" || worker.gone) continue;
      if (!worker.spawned) worker.endWait?.();
      worker.ready();
      worker.deliver();
    }
    await settle();
  }

  call(id: string, fn: KnownFunction = this.fn): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.scheduler.submitCall(fn, [{ id }], { resolve, reject });
    });
  }

  /** One call with a policy of its own. */
  apply(task: FakeTask, policy: Partial<JobPolicy> = {}, fn: KnownFunction = this.fn): Submitted {
    const { promise, ...resolvers } = Promise.withResolvers<unknown>();
    const calls = new ApplyCalls();
    calls.add([task], resolvers);
    return this.#submit(new Job(fn, { ...PLAIN_POLICY, ...policy }, calls, calls), promise);
  }

  map(items: unknown, policy: Partial<JobPolicy> = {}, fn: KnownFunction = this.fn): Submitted {
    const { promise, ...resolvers } = Promise.withResolvers<unknown[]>();
    const input = openInput(items, policy.chunkSize !== undefined, () => job.wake());
    const shape = {
      ...PLAIN_POLICY,
      counted: false,
      eager: false,
      spread: false,
      stopOnError: true,
      ...policy,
    };
    const job: Job = new Job(fn, shape, input, new MapCollector(resolvers));
    return this.#submit(job, promise);
  }

  imap(items: Iterable<FakeTask>, bufferSize: number, chunkSize = 1): ImapCollector<unknown> {
    const collector: ImapCollector<unknown> = new ImapCollector(true, () => job.wake());
    const shape = { counted: false, spread: false, chunkSize, bufferSize: () => bufferSize };
    const input = openInput(items, true, () => {});
    const job: Job = new Job(this.fn, { ...PLAIN_POLICY, ...shape }, input, collector);
    this.scheduler.submit(job);
    return collector;
  }

  broadcast(count: number): Promise<unknown> {
    return this.broadcastJob(count).promise;
  }

  broadcastJob(count: number): Submitted {
    const { promise, ...resolvers } = Promise.withResolvers<unknown[]>();
    const input = openInput(tasks("b", count).map((task) => [task]), true, () => {});
    const policy = { ...PLAIN_POLICY, bound: true };
    const job = new Job(this.fn, policy, input, new MapCollector(resolvers));
    this.scheduler.broadcast(job);
    promise.catch(() => {});
    return { job, promise };
  }

  #submit(job: Job, promise: Promise<unknown>): Submitted {
    promise.catch(() => {});
    this.scheduler.submit(job);
    return { job, promise };
  }

  /** Brings up all workers, of which the first has measured the function. */
  async warm(): Promise<void> {
    await this.up();
    const call = this.call("warm");
    await this.runAll();
    assert.equal(await call, "warm");
    this.begun.length = 0;
  }

  /** The worker that holds a task, and the first other one. */
  sides(id: string): { holder: FakeThread; other: FakeThread } {
    const holder = this.workers.find((worker) => sentTo(worker).flat().includes(id));
    const other = this.workers.find((worker) => worker !== holder);
    assert(holder && other, `no worker holds ${id}`);
    return { holder, other };
  }

  /** Lets so many rounds of the alarm go by. */
  async ring(rounds = 1): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      assert(this.time.ring(), "no alarm is set");
      await settle();
    }
  }

  /** Lets the alarm ring until nothing needs it any more, as it soon must. */
  async lapse(): Promise<void> {
    for (let round = 0; this.time.ring(); round++) {
      assert(round < 5, "the alarm does not lapse");
      await settle();
    }
  }

  /** Lets a worker go on until it has begun a task. */
  begin(number: number): void {
    const worker = this.worker(number);
    for (let step = 0; step < 9 && worker.task === undefined; step++) worker.step();
    assert(worker.task, `worker ${number} has no task`);
    worker.deliverAll();
  }

  /** Lets the workers run and end until nothing moves. */
  async runAll(): Promise<void> {
    for (let round = 0; round < 100; round++) {
      await this.up();
      for (const worker of this.workers) {
        if (worker.gone) continue;
        worker.runAll();
        if (worker.dismissed !== "no") worker.leave();
      }
    }
  }
}

interface Submitted {
  readonly job: Job;
  readonly promise: Promise<unknown>;
}

function tasks(prefix: string, count: number): FakeTask[] {
  return Array.from({ length: count }, (_, at) => ({ id: `${prefix}${at}` }));
}

/** An input that does not tell its length: a cheap function gets it in one chunk. */
function* lazily(items: readonly FakeTask[]): Generator<FakeTask> {
  yield* items;
}

function indicesOf(workers: readonly FakeThread[]): number[] {
  return workers.map(({ worker }) => worker.index);
}

/** The tasks of each chunk that a worker was sent. */
function sentTo(worker: FakeThread): string[][] {
  return worker.sent.map(({ items }) => Array.from(unpack(items), (item) => taskOf(item).id));
}

/** The wait for a worker's task is over. */
function timeOut({ deadline, worker }: FakeThread): void {
  assert(deadline, `no timer runs for a task of ${worker.name}`);
  deadline();
}

/** Lets a worker step until it runs a task, or a certain one. */
function begin(worker: FakeThread | undefined, id?: string): void {
  for (let step = 0; step < 20; step++) {
    const running = worker?.task?.id;
    if (running !== undefined && (id === undefined || running === id)) return;
    worker?.step();
  }
  assert.fail(`the worker does not begin ${id ?? "anything"}`);
}

/** What a promise has become by now; one that would hang fails its test at once. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  const pending = settle().then(() => assert.fail("it is still pending"));
  return await Promise.race([promise, pending]);
}

const ended = async (scheduler: Scheduler): Promise<boolean> =>
  await Promise.race([scheduler.ended.then(() => true), settle().then(() => false)]);

describe("Scheduler.submit() and submitCall()", () => {
  it("start no worker before there is work, then as many as can be used", async () => {
    const bench = new Bench({ workers: 4 });
    assert.equal(bench.workers.length, 0);
    bench.map(tasks("m", 3), { chunkSize: 1 });
    await settle();
    assert.equal(bench.workers.length, 3);
  });

  it("start no more workers than allowed", async () => {
    const bench = new Bench({ workers: 2 });
    bench.map(tasks("m", 30), { chunkSize: 1 });
    await bench.up();
    assert.equal(bench.workers.length, 2);
  });

  it("let go of no worker whose next call is only a few functions away from its last result", async () => {
    const bench = new Bench({ workers: 1 });
    bench.map(tasks("m", 1));
    await bench.warm();
    const worker = bench.worker(1);
    let released = 0;
    worker.release = () => {
      if (worker.held) released++;
      worker.held = false;
    };
    const inner = async (id: string) => {
      const value = await bench.call(id);
      return value;
    };
    const outer = async (id: string) => await inner(id);
    const values = (async () => [await outer("a"), await outer("b"), await outer("c")])();
    await bench.runAll();
    assert.deepEqual(await values, ["a", "b", "c"]);
    assert.deepEqual([released, worker.held], [1, false]);
  });

  it("send what is submitted right after a result within one microtask: its caller may go on for long", async () => {
    const bench = new Bench({ workers: 1 });
    bench.map(tasks("m", 1));
    await bench.warm();
    const isSent = (async () => {
      await bench.call("a");
      void bench.call("b");
      await undefined;
      return sentTo(bench.worker(1)).flat().includes("b");
    })();
    await bench.runAll();
    assert.equal(await isSent, true);
  });

  it("send the calls of one tick in one message, once the cost of the function is known", async () => {
    const bench = new Bench({ workers: 1 });
    const first = bench.call("a");
    await bench.up();
    bench.worker(1).runAll();
    assert.equal(await first, "a");
    const calls = ["b", "c", "d"].map((id) => bench.call(id));
    const before = bench.worker(1).asked.filter((kind) => kind === "run").length;
    await settle();
    const after = bench.worker(1).asked.filter((kind) => kind === "run").length;
    assert.equal(after - before, 1);
    bench.worker(1).runAll();
    assert.deepEqual(await Promise.all(calls), ["b", "c", "d"]);
  });

  it("settle an empty input at once, without a worker", async () => {
    const bench = new Bench();
    assert.deepEqual(await bench.map([]).promise, []);
    assert.equal(bench.workers.length, 0);
  });

  it("cut a chunk size that no claim word can count", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.map(tasks("m", 70_000), { chunkSize: 70_000 });
    await bench.up();
    assert.equal(sentTo(bench.worker(1))[0]?.length, MAX_CHUNK);
    await bench.runAll();
    assert.deepEqual(await promise, tasks("m", 70_000).map(({ id }) => id));
  });

  it("go on behind a task that cannot be sent", async () => {
    const bench = new Bench({ workers: 1 });
    const items = [{ id: "a", unclonable: true }, { id: "b" }, { id: "c" }];
    const { promise } = bench.map(items, { chunkSize: 1 });
    await bench.runAll();
    await assert.rejects(promise, { name: "DataCloneError" });
    assert.deepEqual(bench.begun, ["b@w-1", "c@w-1"]);
  });

  it("fail only the task that cannot be sent, not those of its message", async () => {
    const bench = new Bench({ workers: 1 });
    const first = bench.call("warm");
    await bench.runAll();
    await first;
    const bad = bench.apply({ id: "bad", unclonable: true });
    const good = bench.apply({ id: "good" });
    await bench.runAll();
    await assert.rejects(bad.promise, { name: "DataCloneError" });
    assert.equal(await good.promise, "good");
  });

  it("lose nothing when reading an input interrupts the worker that it was meant for", async () => {
    const bench = new Bench({ workers: 1 }, true);
    const first = bench.apply({ id: "first" });
    await bench.runAll();
    bench.worker(1).cost = 0.001;
    await first.promise;
    const running = bench.apply({ id: "running" });
    await settle();
    begin(bench.worker(1), "running");
    const { promise } = bench.map(function* () {
      bench.scheduler.abort(running.job, new Error("enough"));
      yield* tasks("m", 2);
    }());
    await settle();
    await assert.rejects(running.promise, /enough/);
    // Its grace may take long: what was read must not wait behind it.
    assert.deepEqual(sentTo(bench.worker(1)).flat(), ["first", "running"]);
    bench.worker(1).endWait?.();
    await bench.runAll();
    assert.deepEqual(await outcomeOf(promise), ["m0", "m1"]);
    assert.deepEqual(bench.begun.slice(2), ["m0@w-2", "m1@w-2"]);
  });

  it("send nothing of a job that ends while its input is read", async () => {
    const bench = new Bench({ workers: 1 });
    await bench.warm();
    const items = function* (): Generator<FakeTask> {
      yield { id: "m0" };
      bench.scheduler.abort(submitted.job, new Error("enough"));
      yield { id: "m1" };
    };
    const submitted = bench.map(items());
    const next = bench.call("next");
    await bench.runAll();
    await assert.rejects(submitted.promise, /enough/);
    assert.equal(await outcomeOf(next), "next");
    assert.deepEqual(sentTo(bench.worker(1)), [["warm"], ["next"]]);
  });

  it("give what was read to another worker when reading it interrupts the first", async () => {
    const bench = new Bench({ workers: 2, minWorkers: 2 }, true);
    await bench.warm();
    const running = ["a", "b"].map((id) => bench.apply({ id }));
    await settle();
    for (const worker of bench.workers) {
      if (worker.canStep) begin(worker);
    }
    const { promise } = bench.map(
      function* () {
        for (const { job } of running) bench.scheduler.abort(job, new Error("enough"));
        yield* tasks("m", 2);
      }(),
      { chunkSize: 1 },
    );
    await settle();
    for (const { promise } of running) await assert.rejects(promise, /enough/);
    assert.equal(bench.workers.some((worker) => sentTo(worker).flat().includes("m0")), false);
    await bench.runAll();
    assert.deepEqual(await outcomeOf(promise), ["m0", "m1"]);
  });
});

describe("Scheduler with priorities", () => {
  it("takes back what a lower priority has unbegun, and gives it out again in order", async () => {
    const bench = new Bench({ workers: 1 });
    const warm = bench.call("warm");
    await bench.runAll();
    await warm;
    const low = ["a", "b", "c", "d"].map((id) => bench.apply({ id }, { priority: -1 }));
    await settle();
    begin(bench.worker(1));
    const high = bench.apply({ id: "high" });
    await bench.runAll();
    await Promise.all([high, ...low].map(({ promise }) => promise));
    const order = bench.begun.map((entry) => entry.split("@")[0]);
    assert.deepEqual(order, ["warm", "a", "high", "b", "c", "d"]);
  });

  it("takes back the rest of a begun chunk only if the pool chose its size", async () => {
    for (const chunkSize of [undefined, 3]) {
      const bench = new Bench({ workers: 1 });
      await bench.warm();
      const low = bench.map(lazily(tasks("m", 6)), { chunkSize, priority: -1 });
      await settle();
      begin(bench.worker(1), "m0");
      const high = bench.apply({ id: "high" });
      await bench.runAll();
      assert.equal(await high.promise, "high");
      assert.deepEqual(await low.promise, tasks("m", 6).map(({ id }) => id));
      const order = bench.begun.map((entry) => entry.split("@")[0]);
      const at = chunkSize ?? 1;
      assert.deepEqual(order, tasks("m", 6).map(({ id }) => id).toSpliced(at, 0, "high"));
    }
  });
});

describe("Scheduler.checkQueue()", () => {
  it("queued counts what has neither ended nor begun, whatever becomes of its job", async () => {
    const bench = new Bench({ workers: 1 });
    const { scheduler } = bench;
    const counts: number[] = [];
    const note = () => void counts.push(scheduler.queued);
    const [first, second] = [bench.apply({ id: "a" }), bench.apply({ id: "b" })];
    const map = bench.map(tasks("m", 9), { chunkSize: 3 });
    const run = [bench.call("c"), bench.call("d")];
    note();
    await bench.up();
    bench.begin(1);
    note();
    scheduler.abort(second.job, "reason");
    note();
    scheduler.abort(first.job, "reason");
    note();
    await bench.up();
    bench.begin(2);
    note();
    await bench.runAll();
    assert.deepEqual(await Promise.all([map.promise, ...run]), [
      ...[["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"], "c", "d"],
    ]);
    note();
    assert.deepEqual(counts, [4, 3, 2, 2, 4, 0]);
  });

  it("throws when as many calls wait as may", async () => {
    const bench = new Bench({ workers: 1, maxQueue: 1 });
    bench.scheduler.checkQueue();
    const first = bench.call("running");
    await bench.up();
    bench.scheduler.checkQueue();
    const second = bench.call("waiting");
    assert.throws(() => bench.scheduler.checkQueue(), QueueFullError);
    await bench.runAll();
    assert.deepEqual(await Promise.all([first, second]), ["running", "waiting"]);
    bench.scheduler.checkQueue();
  });
});

describe("Scheduler with idle workers", () => {
  it("lets them take over half of what a busy one has not begun in time", async () => {
    const bench = new Bench({ workers: 2, minWorkers: 2 });
    await bench.warm();
    const { promise } = bench.map(lazily(tasks("m", 9)));
    await settle();
    const { holder, other } = bench.sides("m0");
    assert.deepEqual(sentTo(holder).at(-1), tasks("m", 9).map(({ id }) => id));
    begin(holder, "m0");
    await bench.ring(2);
    assert.deepEqual(sentTo(other).at(-1), ["m5", "m6", "m7", "m8"]);
    other.runAll();
    assert.deepEqual(sentTo(other).slice(-3), [["m3", "m4"], ["m2"], ["m1"]]);
    await bench.runAll();
    assert.deepEqual(await promise, tasks("m", 9).map(({ id }) => id));
    assert.equal(bench.begun.length, 9);
  });

  it("lets them take over what a worker that is blocked has not begun, and no other soon", async () => {
    const bench = new Bench({ workers: 2, minWorkers: 2 });
    await bench.warm();
    const call = bench.call("a");
    await settle();
    const { holder, other } = bench.sides("a");
    await bench.ring();
    assert.deepEqual(sentTo(other).flat().includes("a"), false);
    await bench.ring();
    assert.deepEqual(sentTo(other).at(-1), ["a"]);
    holder.runAll();
    const messages = holder.sent.length;
    await bench.ring(2);
    assert.equal(holder.sent.length, messages);
    other.runAll();
    assert.equal(await call, "a");
    assert.equal(bench.begun.length, 1);
  });

  it("starts those that are not there for what waits behind others", async () => {
    const bench = new Bench({ workers: 3 });
    await bench.warm();
    assert.equal(bench.workers.length, 1);
    const calls = ["long", "a", "b"].map((id) => bench.call(id));
    await settle();
    begin(bench.worker(1), "long");
    await bench.ring(2);
    await bench.up();
    assert.equal(bench.workers.length, 3);
    for (const number of [2, 3]) bench.worker(number).runAll();
    assert.deepEqual(await Promise.all(calls.slice(1)), ["a", "b"]);
    await bench.lapse();
    bench.worker(1).runAll();
    assert.equal(await calls[0], "long");
  });

  it("leaves a begun chunk whole whose size the caller chose", async () => {
    const bench = new Bench({ workers: 2, minWorkers: 2 });
    await bench.warm();
    const items = tasks("m", 8).with(2, { id: "m2", fails: true });
    const { promise } = bench.map(items, { chunkSize: 8 });
    await settle();
    const { holder, other } = bench.sides("m0");
    begin(holder, "m0");
    const before = other.sent.length;
    await bench.lapse();
    assert.equal(other.sent.length, before);
    await bench.runAll();
    await assert.rejects(promise, /m2/);
    const begun = ["m0", "m1", "m2"].map((id) => `${id}@${holder.worker.name}`);
    assert.deepEqual(bench.begun, begun);
  });

  it("lets them take over a caller's chunk that waits behind another, as a whole", async () => {
    const bench = new Bench({ workers: 2, minWorkers: 2 });
    await bench.warm();
    const long = bench.call("long", bench.functionOf("long"));
    await settle();
    const { promise } = bench.map(tasks("m", 6), { chunkSize: 3 });
    await settle();
    const { holder, other } = bench.sides("m0");
    assert.deepEqual(sentTo(holder).slice(-2), [["m0", "m1", "m2"], ["m3", "m4", "m5"]]);
    begin(holder, "m0");
    other.runAll();
    assert.equal(await long, "long");
    await settle();
    assert.deepEqual(sentTo(other).at(-1), ["m3", "m4", "m5"]);
    await bench.runAll();
    assert.deepEqual(await promise, tasks("m", 6).map(({ id }) => id));
    assert.equal(bench.begun.length, 7);
  });

  for (const chunkSize of [undefined, 3]) {
    const whose = chunkSize === undefined ? "the pool's" : "a caller's";
    it(`lets none take over more of ${whose} chunks than it may still run`, async () => {
      const bench = new Bench({ workers: 2, minWorkers: 2, maxTasksPerWorker: 12 });
      await bench.warm();
      for (let call = 0; call < 8; call++) {
        const done = bench.call("warm");
        await bench.runAll();
        await done;
      }
      const long = bench.call("long", bench.functionOf("long"));
      await settle();
      const { holder: worn } = bench.sides("long");
      assert.equal(worn.worker.backlog.budget, 2);
      const { promise } = bench.map(lazily(tasks("m", 9)), { chunkSize });
      await settle();
      begin(bench.sides("m0").holder, "m0");
      worn.runAll();
      assert.equal(worn.worker.backlog.budget, 0);
      await bench.runAll();
      assert.equal(await long, "long");
      assert.deepEqual(await promise, tasks("m", 9).map(({ id }) => id));
      for (const { begun } of bench.workers) assert(begun <= 12, `${begun} tasks`);
    });
  }
});

describe("Scheduler with values that are kept back", () => {
  it("takes them from memory while the next task has their worker's thread", async () => {
    const bench = new Bench({ workers: 1 });
    await bench.warm();
    const calls = ["a", "b", "long", "c"].map((id) => bench.call(id));
    await settle();
    const worker = bench.worker(1);
    for (let step = 0; step < 20 && worker.task?.id !== "long"; step++) worker.step(false);
    assert.equal(worker.outbox.length, 0);
    await bench.ring(2);
    assert.deepEqual(await Promise.all(calls.slice(0, 2)), ["a", "b"]);
    await bench.lapse();
    for (let step = 0; step < 2; step++) worker.step(false);
    assert.equal(worker.outbox.length, 1);
    worker.runAll();
    assert.deepEqual(await Promise.all(calls), ["a", "b", "long", "c"]);
    assert.equal(bench.scheduler.outcomes.completed, 5);
  });

  it("takes them also if their worker was long in coming to its chunk", async () => {
    const bench = new Bench({ workers: 1 });
    await bench.warm();
    const calls = ["a", "b", "long"].map((id) => bench.call(id));
    await settle();
    await bench.ring(5);
    const worker = bench.worker(1);
    for (let step = 0; step < 20 && worker.task?.id !== "long"; step++) worker.step(false);
    assert.equal(worker.outbox.length, 0);
    await bench.ring(2);
    assert.deepEqual(await Promise.all(calls.slice(0, 2)), ["a", "b"]);
    worker.runAll();
    assert.equal(await calls[2], "long");
  });

  it("takes none of a worker that goes on, or of a map", async () => {
    const bench = new Bench({ workers: 1 });
    await bench.warm();
    const { job, promise } = bench.map(lazily(tasks("m", 4)));
    await settle();
    const worker = bench.worker(1);
    for (let step = 0; step < 20 && worker.task?.id !== "m3"; step++) worker.step(false);
    await bench.lapse();
    assert.equal(job.isAtWork, true);
    assert.equal(bench.scheduler.outcomes.completed, 1);
    worker.runAll();
    assert.equal((await promise as unknown[]).length, 4);
  });
});

describe("Scheduler with maxTasksPerWorker", () => {
  it("replaces a worker that has run so many tasks, the next one ready first", async () => {
    const bench = new Bench({ workers: 1, maxTasksPerWorker: 2 });
    const { promise } = bench.map(tasks("m", 3), { chunkSize: 3 });
    await bench.up();
    assert.deepEqual(sentTo(bench.worker(1)), [["m0", "m1"]]);
    bench.worker(1).runAll();
    assert.equal(bench.worker(1).dismissed, "no");
    await bench.up();
    assert.equal(bench.worker(1).dismissed, "stop");
    bench.worker(2).runAll();
    assert.deepEqual(await promise, ["m0", "m1", "m2"]);
    assert.equal(bench.scheduler.roster.restarted, 1);
  });

  it("gives a broadcast's task to the successor of a worker that may run no more", async () => {
    const bench = new Bench({ workers: 1, maxTasksPerWorker: 1 });
    const call = bench.call("a");
    await bench.up();
    const all = bench.broadcast(1);
    await bench.runAll();
    assert.equal(await call, "a");
    assert.deepEqual(await all, ["b0"]);
  });

  it("leaves no worn out worker behind when its successor does not come up", async () => {
    const bench = new Bench({ workers: 1, maxTasksPerWorker: 1 });
    const call = bench.call("a");
    await bench.up();
    assert.equal(bench.workers.length, 2);
    bench.worker(2).die();
    bench.worker(1).runAll();
    assert.equal(await call, "a");
    await bench.runAll();
    assert(bench.worker(1).gone, "the old worker stays");
  });

  it("never lets a substitute of a failed successor run beside the old worker", async () => {
    const bench = new Bench({ workers: 1, maxTasksPerWorker: 1 });
    const first = bench.call("a");
    await bench.up();
    begin(bench.worker(1));
    const second = bench.call("b");
    await settle();
    bench.worker(2).die();
    await bench.up();
    assert.equal(bench.worker(3).sent.length, 0);
    await bench.runAll();
    assert.deepEqual(await Promise.all([first, second]), ["a", "b"]);
  });
});

describe("Scheduler.lost()", () => {
  it("fails the running task, and runs the rest of its chunk elsewhere", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.map(tasks("m", 3), { chunkSize: 3 });
    await bench.up();
    begin(bench.worker(1));
    bench.worker(1).die({ exitCode: 7 });
    await bench.runAll();
    await assert.rejects(promise, (error) => {
      assert(error instanceof WorkerLostError);
      assert.deepEqual([error.exitCode, error.task, error.workerName], [7, "f", "w-1"]);
      return true;
    });
    assert.deepEqual(bench.begun, ["m0@w-1", "m1@w-2", "m2@w-2"]);
  });

  it("reruns a task as often as its retries allow, wherever it was in between", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.apply({ id: "a" }, { retries: 1, priority: -1 });
    for (const number of [1, 2, 3]) {
      await bench.up();
      if (number === 2) {
        // A higher priority makes the pool take the rerun back before it begins.
        bench.apply({ id: "high" });
        await settle();
      }
      while (bench.workers[number - 1]?.task?.id !== "a") {
        const worker = bench.workers[number - 1];
        if (worker === undefined || !worker.canStep) break;
        worker.step();
        worker.deliverAll();
      }
      bench.workers[number - 1]?.die();
    }
    await bench.runAll();
    await assert.rejects(promise, WorkerLostError);
    assert.equal(bench.begun.filter((entry) => entry.startsWith("a@")).length, 2);
  });

  it("never reruns a task whose arguments were transferred", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.apply({ id: "a" }, { retries: 5, transfer: () => [] });
    await bench.up();
    begin(bench.worker(1));
    bench.worker(1).die();
    await assert.rejects(promise, WorkerLostError);
  });

  it("gives up a chunk under which workers die before they begin it", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.apply({ id: "a" });
    for (const number of [1, 2, 3]) {
      await bench.up();
      bench.worker(number).die();
    }
    await assert.rejects(promise, WorkerLostError);
    assert.deepEqual(bench.begun, []);
  });

  it("runs elsewhere what a worker had not begun, though it died while it imported a module", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.map(tasks("m", 4), { chunkSize: 1 });
    for (const number of [1, 2]) {
      await bench.up();
      bench.worker(number).step();
      bench.worker(number).die();
    }
    await bench.runAll();
    assert.deepEqual(await promise, ["m0", "m1", "m2", "m3"]);
  });

  it("gives up a job whose module kills three workers in a row", async () => {
    const bench = new Bench({ workers: 1 });
    const job = bench.map(tasks("m", 50), { chunkSize: 1 });
    const other = bench.apply({ id: "other" }, {}, bench.functionOf("g"));
    for (const number of [1, 2, 3]) {
      await bench.up();
      bench.worker(number).step();
      bench.worker(number).die();
    }
    await assert.rejects(job.promise, WorkerLostError);
    await bench.runAll();
    assert.equal(await other.promise, "other");
    assert.deepEqual(bench.begun, ["other@w-4"]);
  });

  it("breaks the pool after five failed starts in a row, with the cause", async () => {
    const bench = new Bench({ workers: 1 });
    const call = bench.call("a");
    const cause = new Error("no such file");
    for (const number of [1, 2, 3, 4, 5]) {
      await settle();
      bench.worker(number).endWait?.();
      bench.worker(number).die({ cause });
    }
    await assert.rejects(
      call,
      (error) => error instanceof WorkerLostError && error.cause === cause,
    );
    assert.equal(bench.scheduler.state, "broken");
    await assert.rejects(bench.call("b"), WorkerLostError);
    await assert.rejects(bench.scheduler.warmUp(), WorkerLostError);
    assert.deepEqual(bench.workers.map(({ delay }) => delay), [0, 20, 40, 80, 160]);
  });

  it("asks nothing of a worker that died in the initializer", async () => {
    const bench = new Bench({ workers: 1 });
    const call = bench.call("a");
    await settle();
    bench.worker(1).outbox.push({ kind: "initializing" });
    bench.worker(1).deliver();
    bench.worker(1).die();
    await assert.rejects(call, InitializerError);
    assert.equal(await ended(bench.scheduler), true);
  });
});

describe("Scheduler.receive()", () => {
  it("fails the jobs of a function that cannot be loaded, the second like the first", async () => {
    const bench = new Bench({ workers: 1 });
    const broken = bench.functionOf("broken");
    const first = bench.map(tasks("a", 4), { chunkSize: 1 }, broken);
    await bench.runAll();
    await assert.rejects(first.promise, /no such module/);
    const second = bench.apply({ id: "b" }, {}, broken);
    await bench.runAll();
    await assert.rejects(second.promise, /no such module/);
    assert.equal(bench.workers.length, 1);
  });

  it("takes no word of a chunk that the worker should not have", async () => {
    const bench = new Bench({ workers: 1 });
    const call = bench.call("a");
    await bench.up();
    const { worker } = bench.worker(1);
    const stray = { from: 0, values: ["stray"], errors: [], ended: true, elapsed: 1 };
    worker.message({ kind: "results", chunk: 99, ...stray });
    bench.worker(1).runAll();
    assert.equal(await call, "a");
  });
});

describe("Scheduler.abort()", () => {
  it("rejects with the reason at once, and replaces the worker of a running task", async () => {
    const bench = new Bench({ workers: 1 });
    const { job, promise } = bench.apply({ id: "a" });
    await bench.up();
    begin(bench.worker(1));
    const reason = new Error("enough");
    bench.scheduler.abort(job, reason);
    await assert.rejects(promise, (error) => error === reason);
    assert.equal(bench.worker(1).dismissed, "kill");
    const next = bench.call("b");
    await bench.runAll();
    assert.equal(await next, "b");
  });

  it("settles the job even if its reason is frozen", async () => {
    const bench = new Bench({ workers: 1 });
    const { job, promise } = bench.map(tasks("m", 2), { callSite: new Error() });
    const reason = Object.freeze(new Error("enough"));
    bench.scheduler.abort(job, reason);
    await assert.rejects(promise, (error) => error === reason);
  });

  it("removes what waits, and leaves the worker alone", async () => {
    const bench = new Bench({ workers: 1 });
    const running = bench.call("a");
    await bench.up();
    bench.worker(1).step();
    const { job, promise } = bench.apply({ id: "b" });
    await settle();
    bench.scheduler.abort(job, new Error("enough"));
    await assert.rejects(promise, /enough/);
    await bench.runAll();
    assert.equal(await running, "a");
    assert.deepEqual([bench.worker(1).dismissed, bench.begun], ["no", ["a@w-1"]]);
  });

  it("loses no task of another job that the worker is at by now", async () => {
    const bench = new Bench({ workers: 1 });
    const warm = bench.call("warm");
    await bench.runAll();
    await warm;
    const first = bench.apply({ id: "a" });
    const other = bench.apply({ id: "b" });
    await settle();
    const worker = bench.worker(1);
    begin(worker, "b");
    bench.scheduler.abort(first.job, new Error("enough"));
    await bench.runAll();
    await assert.rejects(first.promise, /enough/);
    assert.equal(await other.promise, "b");
    assert.equal(worker.dismissed, "no");
  });

  it("ends a task that the worker has begun behind another whose result is unread", async () => {
    const bench = new Bench({ workers: 1 });
    await bench.warm();
    const before = bench.apply({ id: "a" });
    const aborted = bench.apply({ id: "b" });
    const behind = bench.apply({ id: "c" });
    await settle();
    const worker = bench.worker(1);
    begin(worker, "b");
    bench.scheduler.abort(aborted.job, new Error("enough"));
    await assert.rejects(aborted.promise, /enough/);
    assert.equal(worker.dismissed, "no");
    worker.deliverAll();
    assert.equal(await before.promise, "a");
    assert.equal(worker.dismissed, "kill");
    await bench.runAll();
    assert.equal(await behind.promise, "c");
  });

  it("waits for the grace, in which the worker is given nothing", async () => {
    const bench = new Bench({ workers: 1 }, true);
    const { job, promise } = bench.apply({ id: "a" });
    await bench.up();
    begin(bench.worker(1));
    bench.worker(1).deliverAll();
    bench.scheduler.abort(job, new Error("enough"));
    await assert.rejects(promise, /enough/);
    const next = bench.call("b");
    await settle();
    assert.equal(bench.worker(1).sent.length, 1);
    bench.worker(1).runAll();
    await settle();
    bench.worker(1).runAll();
    assert.equal(await next, "b");
    assert.equal(bench.worker(1).dismissed, "no");
  });
});

describe("Scheduler.timedOut()", () => {
  it("fails the task that is too slow; the others of its chunk run elsewhere", async () => {
    const bench = new Bench({ workers: 1 });
    const policy = { chunkSize: 3, timeout: 50, stopOnError: false };
    const { promise } = bench.map(tasks("m", 3), policy);
    await bench.up();
    begin(bench.worker(1));
    bench.worker(1).deliverAll();
    timeOut(bench.worker(1));
    await bench.runAll();
    await assert.rejects(promise, TimeoutError);
    assert.deepEqual(bench.begun, ["m0@w-1", "m1@w-2", "m2@w-2"]);
  });

  for (const grace of [false, true]) {
    it(`skips the rest of a chunk that an error ends, and counts it, ${grace ? "with" : "without"} grace`, async () => {
      const bench = new Bench({ workers: 1 }, grace);
      const progress: unknown[] = [];
      const onProgress = (now: unknown) => void progress.push(now);
      const policy = { chunkSize: 3, timeout: 50, onProgress };
      const { promise } = bench.map(tasks("m", 6), policy);
      await bench.up();
      begin(bench.worker(1), "m0");
      bench.worker(1).deliverAll();
      timeOut(bench.worker(1));
      await bench.runAll();
      await assert.rejects(promise, TimeoutError);
      assert.deepEqual(progress, [{ done: 3, total: 6 }, { done: 6, total: 6 }]);
      const begun = bench.begun.map((entry) => entry.split("@")[0]);
      assert.deepEqual(begun, ["m0", "m3", "m4", "m5"]);
    });
  }

  it("does not wait for ever for the result of a task that has ended", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.map([{ id: "a" }, { id: "b" }], { chunkSize: 1, timeout: 9 });
    await bench.up();
    const silent = bench.worker(1);
    begin(silent, "a");
    silent.deliverAll();
    silent.step();
    silent.outbox.length = 0;
    timeOut(silent);
    assert.equal(silent.dismissed, "no");
    timeOut(silent);
    assert.equal(silent.dismissed, "kill");
    silent.leave();
    await bench.runAll();
    await assert.rejects(promise, TimeoutError);
    assert.deepEqual(bench.begun, ["a@w-1", "b@w-2"]);
  });

  it("leaves a last task alone that has ended, whose result is on its way", async () => {
    for (const fails of [false, true]) {
      const bench = new Bench({ workers: 1 });
      const { promise } = bench.map([{ id: "a" }, { id: "b", fails }], {
        chunkSize: 2,
        timeout: 9,
      });
      await bench.up();
      const worker = bench.worker(1);
      begin(worker, "b");
      worker.deliverAll();
      worker.step();
      timeOut(worker);
      worker.runAll();
      if (fails) await assert.rejects(outcomeOf(promise), { message: "b" });
      else assert.deepEqual(await outcomeOf(promise), ["a", "b"]);
      assert.equal(worker.dismissed, "no");
    }
  });

  it("starts the clock anew if the worker is at the next task already", async () => {
    const bench = new Bench({ workers: 1 });
    const { promise } = bench.map(tasks("m", 3), { chunkSize: 3, timeout: 50 });
    await bench.up();
    for (let step = 0; step < 5; step++) bench.worker(1).step();
    bench.worker(1).deliver();
    bench.worker(1).deliver();
    assert.deepEqual(bench.begun, ["m0@w-1", "m1@w-1"]);
    timeOut(bench.worker(1));
    await bench.runAll();
    assert.deepEqual(await promise, ["m0", "m1", "m2"]);
  });
});

describe("Scheduler with imap", () => {
  it("reads no further than the buffer reaches", async () => {
    let read = 0;
    const bench = new Bench({ workers: 2 });
    const results = bench.imap(
      function* () {
        for (;;) yield { id: String(read++) };
      }(),
      3,
    );
    await bench.runAll();
    assert.equal(read, 3);
    assert.deepEqual(await results.wait().promise, { done: false, value: "0" });
    await bench.runAll();
    assert.equal(read, 4);
  });

  it("does not keep the others waiting", async () => {
    const bench = new Bench({ workers: 1 });
    bench.imap(
      function* () {
        for (let id = 0;; id++) yield { id: `i${id}` };
      }(),
      1000,
    );
    const call = bench.call("a");
    await bench.up();
    for (let step = 0; step < 40; step++) {
      bench.worker(1).step();
      bench.worker(1).deliverAll();
    }
    assert.equal(await call, "a");
  });
});

describe("Scheduler.broadcast()", () => {
  it("runs once in each worker, also in those that are not up yet", async () => {
    const bench = new Bench({ workers: 3 });
    const all = bench.broadcast(3);
    await bench.runAll();
    assert.deepEqual(await all, ["b0", "b1", "b2"]);
    assert.equal(new Set(bench.begun.map((entry) => entry.split("@")[1])).size, 3);
  });

  it("goes on in the replacement of a worker that did not come up", async () => {
    const bench = new Bench({ workers: 1 });
    const all = bench.broadcast(1);
    await settle();
    bench.worker(1).die();
    await bench.up();
    assert(bench.worker(2).held, "the process may end before the broadcast does");
    await bench.runAll();
    assert.deepEqual(await all, ["b0"]);
  });

  it("goes on at a worker that is up when no other is to come", async () => {
    const bench = new Bench({ workers: 1 });
    const running = bench.call("a");
    await bench.up();
    const broadcasts = [bench.broadcast(1), bench.broadcast(1), bench.broadcast(1)];
    await settle();
    begin(bench.worker(1), "a");
    bench.worker(1).die();
    await assert.rejects(running, WorkerLostError);
    await bench.runAll();
    for (const all of broadcasts) assert.deepEqual(await outcomeOf(all), ["b0"]);
    assert.deepEqual(bench.begun.slice(1), ["b0@w-2", "b0@w-2", "b0@w-2"]);
  });

  it("runs nowhere any more once its job is over", async () => {
    const bench = new Bench({ workers: 2 });
    const busy = bench.call("a");
    await bench.up();
    begin(bench.worker(1), "a");
    const { job, promise } = bench.broadcastJob(2);
    await settle();
    job.fail(new Error("enough"));
    await assert.rejects(promise, /enough/);
    await bench.runAll();
    assert.equal(await busy, "a");
    assert.deepEqual(bench.begun, ["a@w-1"]);
  });

  it("is forgotten where it waits for a worker, once its job is over", async () => {
    const bench = new Bench({ workers: 1 });
    const { job, promise } = bench.broadcastJob(1);
    await settle();
    bench.worker(1).die();
    job.fail(new Error("enough"));
    await assert.rejects(promise, /enough/);
    const next = bench.call("next");
    await bench.runAll();
    assert.equal(await next, "next");
    assert.deepEqual(bench.begun.map((entry) => entry.split("@")[0]), ["next"]);
  });
});

describe("Scheduler.over()", () => {
  it("over() comes when an async input ends, though no worker has room for its job", async () => {
    const bench = new Bench({ workers: 1 });
    const ended = Promise.withResolvers<void>();
    const input = async function* () {
      yield { id: "a" };
      await ended.promise;
    };
    const { job, promise } = bench.map(input());
    await bench.runAll();
    bench.call("long", bench.functionOf("g"));
    await settle();
    bench.begin(1);
    assert.deepEqual(bench.begun, ["a@w-1", "long@w-1"]);
    assert.equal(job.over, false);
    ended.resolve();
    await settle();
    assert.equal(job.over, true);
    assert.deepEqual(await promise, ["a"]);
  });

  it("has nothing begun any more of a job that failed or was cancelled", async () => {
    for (const end of ["fail", "cancel"] as const) {
      const bench = new Bench({ workers: 1 });
      const { job } = bench.map(tasks("m", 8), { chunkSize: 4 });
      await bench.up();
      begin(bench.worker(1), "m0");
      job[end](new Error("enough"));
      await bench.runAll();
      assert.deepEqual(bench.begun, ["m0@w-1"]);
      assert.equal(bench.worker(1).dismissed, "no");
    }
  });
});

describe("Scheduler.warmUp()", () => {
  it("resolves when all workers are up, and keeps the first from leaving meanwhile", async () => {
    const bench = new Bench({ workers: 2 });
    let isReady = false;
    const ready = bench.scheduler.warmUp().then(() => isReady = true);
    await settle();
    bench.worker(1).ready();
    bench.worker(1).deliver();
    await settle();
    assert.equal(isReady, false);
    bench.worker(1).endWait?.();
    assert.equal(bench.worker(1).dismissed, "no");
    bench.worker(2).ready();
    bench.worker(2).deliver();
    await ready;
    bench.worker(1).endWait?.();
    assert.equal(bench.worker(1).dismissed, "stop");
  });

  it("resolves under load when workers run one task each, and are never all up at a time", async () => {
    const bench = new Bench({ workers: 2, maxTasksPerWorker: 1 });
    const calls = bench.map(tasks("m", 20), { chunkSize: 1 });
    await bench.up();
    assert.deepEqual(indicesOf(bench.workers), [0, 1, 0, 1]);
    await outcomeOf(bench.scheduler.warmUp());
    await bench.runAll();
    await calls.promise;
    assert.ok(bench.workers.every(({ worker }) => worker.index < 2));
  });

  it("does not count a worker twice that is replaced while another one is slow to start", async () => {
    const bench = new Bench({ workers: 2, maxTasksPerWorker: 1 });
    bench.map(tasks("m", 20), { chunkSize: 1 });
    let isReady = false;
    const ready = bench.scheduler.warmUp().then(() => isReady = true);
    await settle();
    const slow = bench.worker(2);
    for (let number = 1; number < 6; number += number === 1 ? 2 : 1) {
      bench.worker(number).ready();
      bench.worker(number).deliver();
      await settle();
      bench.worker(number).runAll();
      await settle();
      assert.equal(bench.worker(number).worker.index, 0);
    }
    assert.equal(isReady, false);
    slow.ready();
    slow.deliver();
    await outcomeOf(ready);
    assert.equal(slow.worker.index, 1);
  });

  it("resolves when workers die meanwhile, whose replacements take their numbers", async () => {
    const bench = new Bench({ workers: 3 });
    const ready = bench.scheduler.warmUp();
    await settle();
    for (const number of [1, 2]) bench.worker(number).ready();
    for (const number of [1, 2]) bench.worker(number).deliver();
    bench.worker(1).die();
    bench.worker(2).die();
    bench.worker(3).ready();
    bench.worker(3).deliver();
    await outcomeOf(ready);
    assert.deepEqual(indicesOf(bench.workers), [0, 1, 2, 0, 1]);
  });

  it("waits for the workers that are missing when it is called, each time anew", async () => {
    const bench = new Bench({ workers: 2 });
    const first = bench.scheduler.warmUp();
    await bench.up();
    await outcomeOf(first);
    bench.worker(1).endWait?.();
    bench.worker(1).leave();
    const second = bench.scheduler.warmUp();
    await settle();
    assert.deepEqual(indicesOf(bench.workers), [0, 1, 0]);
    await assert.rejects(outcomeOf(second));
    await bench.up();
    await outcomeOf(second);
  });

  it("rejects when the pool is closed meanwhile", async () => {
    const bench = new Bench({ workers: 2 });
    const ready = bench.scheduler.warmUp();
    bench.scheduler.close();
    await assert.rejects(ready, PoolStateError);
  });
});

describe("Scheduler.close() and terminate()", () => {
  it("close() ends at once without work, and runs what is queued otherwise", async () => {
    const idle = new Bench();
    idle.scheduler.close();
    assert.equal(await ended(idle.scheduler), true);
    const busy = new Bench({ workers: 1 });
    const call = busy.call("a");
    busy.scheduler.close();
    assert.equal(await ended(busy.scheduler), false);
    await busy.runAll();
    assert.equal(await call, "a");
    assert.equal(await ended(busy.scheduler), true);
  });

  it("leave no timer running once no worker is left", async () => {
    const bench = new Bench({ workers: 1 });
    bench.fn.measure(1, 0.001);
    const calls = ["a", "b", "c"].map((id) => bench.call(id));
    await bench.up();
    const isWaiting = () => bench.time.timers.some(({ isRunning }) => isRunning);
    assert(isWaiting(), "what is kept back is not looked after");
    bench.scheduler.terminate();
    for (const call of calls) await assert.rejects(call, PoolTerminatedError);
    for (const worker of bench.workers) worker.leave();
    assert.equal(await ended(bench.scheduler), true);
    assert.equal(isWaiting(), false);
  });

  it("terminate() rejects everything at once and ends the workers", async () => {
    const bench = new Bench({ workers: 2 });
    const jobs = [bench.map(tasks("m", 9), { chunkSize: 2 }), bench.apply({ id: "a" })];
    const results = bench.imap(tasks("i", 3), 2).wait().promise;
    await bench.up();
    bench.worker(1).step();
    bench.scheduler.terminate();
    bench.scheduler.terminate();
    for (const { promise } of jobs) await assert.rejects(promise, PoolTerminatedError);
    await assert.rejects(results, PoolTerminatedError);
    for (const worker of bench.workers) worker.leave();
    assert.equal(await ended(bench.scheduler), true);
    assert.equal(bench.scheduler.state, "terminated");
  });
});

describe("Scheduler.restedLong()", () => {
  it("lets an idle worker go, but not below the minimum", async () => {
    const bench = new Bench({ workers: 3, minWorkers: 1 });
    bench.map(tasks("m", 3), { chunkSize: 1 });
    await bench.runAll();
    for (const worker of bench.workers) worker.endWait?.();
    assert.deepEqual(bench.workers.map(({ dismissed }) => dismissed), ["stop", "stop", "no"]);
  });
});
