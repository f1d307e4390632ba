import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Scheduler } from "../../../core/pool/scheduler.ts";
import type { FromWorker } from "../../../core/wire/protocol.ts";
import { FakeTime } from "./fake_time.ts";
import { settle } from "./scheduler_world.ts";
import { LIMITS, SilentThread } from "./silent_thread.ts";

/** A pool with a module, whose threads do nothing by themselves. */
class Case {
  readonly threads: SilentThread[] = [];
  readonly scheduler: Scheduler;

  constructor(workers = 1) {
    this.scheduler = new Scheduler({
      limits: { ...LIMITS, workers, startTimeout: 50 },
      time: new FakeTime(),
      modules: [],
      startModule: "file:///tasks.ts",
      initializer: undefined,
      newThread: (_name, listener) => {
        const thread = new SilentThread(listener);
        this.threads.push(thread);
        return thread;
      },
    });
  }

  /** Has the last thread say something. */
  async say(...kinds: ("importing" | "importFailed" | "initializing" | "ready")[]): Promise<void> {
    for (const kind of kinds) this.last.listener.message({ kind } satisfies FromWorker);
    await settle();
  }

  /** Ends the last thread, and waits for its successor. */
  async endLast(): Promise<void> {
    this.last.listener.ended(1);
    await settle();
  }

  get last(): SilentThread {
    const last = this.threads.at(-1);
    assert.ok(last !== undefined);
    return last;
  }

  /** What each thread was told to import. */
  get modules(): (string | undefined)[] {
    return this.threads.map(({ init }) => init?.startModule);
  }
}

const MODULE = "file:///tasks.ts";

describe("The module of a pool, at the start of its workers", () => {
  it("is imported by each as long as that goes well", async () => {
    const it = new Case();
    const ready = it.scheduler.warmUp();
    await settle();
    await it.say("importing", "ready");
    await ready;
    await it.endLast();
    // What dies without a task is not replaced at once.
    it.last.timers.at(-1)?.ring();
    assert.deepEqual(it.modules, [MODULE, MODULE]);
  });

  it("is left out by later workers once it has thrown, and that one is up all the same", async () => {
    const it = new Case();
    const ready = it.scheduler.warmUp();
    await settle();
    await it.say("importing", "importFailed", "ready");
    await ready;
    await it.endLast();
    it.last.timers.at(-1)?.ring();
    assert.deepEqual(it.last.told.slice(-2), ["start", "init"]);
    assert.deepEqual(it.modules, [MODULE, undefined]);
  });

  it("is left out by the successor of a worker that it ended, which is no failed start", async () => {
    const it = new Case(12);
    const ready = it.scheduler.warmUp();
    await settle();
    assert.equal(it.threads.length, 12);
    for (const { listener } of it.threads) listener.message({ kind: "importing" });
    for (const { listener } of [...it.threads]) listener.ended(1);
    await settle();
    assert.equal(it.scheduler.state, "running");
    const successors = it.threads.slice(12);
    assert.deepEqual(successors.map(({ init }) => init?.startModule), Array(12).fill(undefined));
    // At once: none of them waits as after a failure.
    assert.ok(successors.every(({ told }) => told.includes("start")));
    for (const { listener } of successors) listener.message({ kind: "ready" });
    await settle();
    await ready;
  });

  it("is left out by the successor of a worker that it keeps from coming up in time", async () => {
    const it = new Case();
    const ready = it.scheduler.warmUp();
    await settle();
    await it.say("importing");
    it.last.timers.at(-1)?.ring();
    assert.equal(it.last.told.at(-1), "kill");
    await it.endLast();
    assert.deepEqual(it.modules, [MODULE, undefined]);
    await it.say("ready");
    await ready;
  });

  it("does not excuse a worker that comes no further in its initializer", async () => {
    const it = new Case();
    const ready = assert.rejects(it.scheduler.warmUp(), /initializer/);
    await settle();
    await it.say("importing", "initializing");
    await it.endLast();
    await ready;
    assert.equal(it.scheduler.state, "broken");
  });

  it("does not excuse workers that say they import it, and were not told to", async () => {
    const it = new Case();
    const ready = assert.rejects(it.scheduler.warmUp(), /failed to start/);
    await settle();
    // The first was told to: that one does not count.
    for (let start = 0; start < 6; start++) {
      if (!it.last.told.includes("start")) it.last.timers.at(-1)?.ring();
      await it.say("importing");
      await it.endLast();
    }
    await ready;
    assert.equal(it.scheduler.state, "broken");
  });

  it("does not excuse workers that do not even come to import it", async () => {
    const it = new Case();
    const ready = assert.rejects(it.scheduler.warmUp(), /failed to start/);
    await settle();
    for (let start = 0; start < 5; start++) {
      // All but the first wait for a while before they start.
      if (!it.last.told.includes("start")) it.last.timers.at(-1)?.ring();
      await it.endLast();
    }
    await ready;
  });
});
