import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FunctionTable } from "../../../core/pool/functions.ts";
import { Job } from "../../../core/pool/job.ts";
import { PLAIN_POLICY } from "../../../core/pool/policy.ts";
import { MapCollector } from "../../../core/pool/collectors.ts";
import { isToWorker } from "../../../core/wire/protocol.ts";
import { Scheduler } from "../../../core/pool/scheduler.ts";
import { openInput } from "../../../core/pool/inputs.ts";
import { TaskRunner } from "../../../core/worker/task_runner.ts";
import { FakeTime } from "../pool/fake_time.ts";
import { FakeThread } from "../pool/fake_thread.ts";
import { lies, orders } from "../pool/lies.ts";
import { settle } from "../pool/scheduler_world.ts";
import { LIMITS } from "../pool/silent_thread.ts";

/** A pool whose workers do their work, and say other things as well; and the promises of its jobs. */
class LiarsPool {
  readonly threads: FakeThread[] = [];
  readonly promises: Promise<unknown>[] = [];
  readonly #scheduler: Scheduler;
  readonly #fn = new FunctionTable().intern({ kind: "served", name: "f" });

  constructor() {
    this.#scheduler = new Scheduler({
      limits: { ...LIMITS, workers: 2 },
      modules: [],
      initializer: undefined,
      time: new FakeTime(),
      newThread: (_name, listener) => {
        const thread = new FakeThread(listener);
        this.threads.push(thread);
        return thread;
      },
    });
    // Calls travel together only where they are known to be short.
    this.#fn.measure(100, 1);
  }

  call(id: string): void {
    this.promises.push(
      new Promise((resolve, reject) => {
        this.#scheduler.submitCall(this.#fn, [{ id }], { resolve, reject });
      }),
    );
  }

  map(ids: readonly string[], stopOnError: boolean): void {
    const { promise, ...resolvers } = Promise.withResolvers<unknown[]>();
    const input = openInput(ids.map((id) => ({ id })), true, () => job.wake());
    const policy = { ...PLAIN_POLICY, counted: false, spread: false, stopOnError, chunkSize: 2 };
    const job: Job = new Job(this.#fn, policy, input, new MapCollector(resolvers));
    this.#scheduler.submit(job);
    this.promises.push(promise);
  }

  /** Has a worker say something, and the pool do what it has to. */
  async lie(number: number, data: unknown): Promise<void> {
    const thread = this.threads[number % this.threads.length];
    if (thread === undefined || !thread.spawned || thread.gone) return;
    thread.worker.message(data);
    if (thread.dismissed === "kill") thread.leave();
    await settle();
  }

  /** Has the workers do the next thing honestly. */
  async up(): Promise<void> {
    await settle();
    for (const thread of this.threads) {
      if (thread.gone) continue;
      if (!thread.spawned) thread.endWait?.();
      if (thread.worker.state === "starting") thread.ready();
      else if (thread.canStep) thread.step();
      thread.deliverAll();
      if (thread.dismissed !== "no") thread.leave();
    }
    await settle();
  }

  /** Ends it: everything that waits is to have its outcome then. */
  async finish(): Promise<number> {
    let settled = 0;
    for (const promise of this.promises) promise.catch(() => {}).finally(() => settled++);
    for (let turn = 0; turn < 500 && settled < this.promises.length; turn++) await this.up();
    return settled;
  }
}

describe("Scheduler beside workers that lie", () => {
  it("settles every promise with a value or a typed error", async () => {
    const honestStep = fc.constant("step" as const);
    const step = fc.oneof(honestStep, fc.record({ worker: fc.nat(3), lie: lies }));
    const script = fc.array(step, { minLength: 1, maxLength: 25 });
    const check = async (steps: ("step" | { worker: number; lie: unknown })[]) => {
      const pool = new LiarsPool();
      for (let call = 0; call < 20; call++) pool.call(`call ${call}`);
      pool.map(["d", "e", "f", "g", "h"], true);
      pool.map(["i", "j", "k", "l"], false);
      await pool.up();
      for (const step of steps) {
        await (step === "step" ? pool.up() : pool.lie(step.worker, step.lie));
      }
      assert.equal(await pool.finish(), pool.promises.length);
    };
    await fc.assert(fc.asyncProperty(script, check), { numRuns: 1000 });
  });
});

describe("TaskRunner beside a pool that makes no sense", () => {
  it("takes what has the right shape, and throws a TypeError for everything else", async () => {
    const check = async (said: unknown[]) => {
      const runner = new TaskRunner({
        post: (message) => void structuredClone(message),
        now: () => 0,
        stop: () => {},
      });
      for (const data of said) {
        if (isToWorker(data)) runner.receive(data);
        else assert.throws(() => runner.receive(data), TypeError);
      }
      await settle();
    };
    const script = fc.array(orders, { minLength: 1, maxLength: 10 });
    await fc.assert(fc.asyncProperty(script, check), { numRuns: 300 });
  });
});
