import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool } from "../../mod.ts";
import { makeCounters } from "../fixtures/tasks/faults.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { outlivesTerminate } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** A signal that counts who listens to it. */
function watchedSignal(): {
  signal: AbortSignal;
  listeners: () => number;
  abort(reason: unknown): void;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const added = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListener) => {
    added.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    added.delete(listener);
    remove(type, listener);
  };
  return { signal, listeners: () => added.size, abort: (reason) => controller.abort(reason) };
}

async function assertUsable(pool: Pool): Promise<void> {
  assert.deepEqual(await pool.map(faults.identity, [1, 2, 3]), [1, 2, 3]);
}

const reason = new Error("enough");

/** Rejects with this very reason. */
function assertAborted(promise: PromiseLike<unknown>, expected: unknown = reason): Promise<void> {
  return promise.then(
    () => assert.fail("it was not aborted"),
    (error: unknown) => assert.equal(error, expected),
  ) as Promise<void>;
}

describe("A signal", () => {
  it("apply() rejects with the reason of a signal that is aborted already, and runs nothing", () =>
    withPool({ workers: 1 }, async (pool) => {
      const runs = makeCounters(1);
      const options = { signal: AbortSignal.abort(reason) };
      await assertAborted(pool.apply(faults.countAndThrow, [runs], options));
      await assertAborted(pool.map(faults.countAndThrow, [runs], options));
      await assertAborted(pool.mapSettled(faults.countAndThrow, [runs], options));
      await assertAborted(pool.imap(faults.countAndThrow, [runs], options).next());
      await assertUsable(pool);
      assert.equal(runs[0], 0);
    }));

  it("apply() rejects with a DOMException when no reason was given", () =>
    withPool({ workers: 1 }, async (pool) => {
      const aborted = pool.apply(faults.identity, [1], { signal: AbortSignal.abort() });
      await assert.rejects(aborted, { name: "AbortError" });
    }));

  it("apply() rejects with a reason of any kind", () =>
    withPool({ workers: 1 }, async (pool) => {
      for (const kind of [Object.freeze(new Error("frozen")), "text", 0, null, () => 1]) {
        const controller = new AbortController();
        const aborted = pool.apply(faults.hang, [], { signal: controller.signal });
        controller.abort(kind);
        await assertAborted(aborted, kind);
      }
      await assertUsable(pool);
    }));

  it("apply() drops a queued task when it is aborted", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const runs = makeCounters(1);
      const controller = new AbortController();
      const running = pool.apply(faults.waitAndReturn, [gate, "ran"]);
      await arrivals(gate, 1);
      const queued = pool.apply(faults.countAndThrow, [runs], { signal: controller.signal });
      controller.abort(reason);
      await assertAborted(queued);
      open(gate);
      assert.equal(await running, "ran");
      await assertUsable(pool);
      assert.deepEqual([runs[0], pool.stats().restarted], [0, 0]);
    }));

  it("apply() rejects at once when a running task is aborted, and replaces its worker", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const controller = new AbortController();
      const running = pool.apply(faults.waitAndName, [gate], { signal: controller.signal });
      await arrivals(gate, 1);
      controller.abort(reason);
      await assertAborted(running);
      await assertUsable(pool);
      assert.equal(pool.stats().restarted, 1);
      if (outlivesTerminate) await until(() => pool.stats().abandoned === 1);
      open(gate);
      assert.equal(pool.stats().lost, 0);
    }));

  it("map() ends when it is aborted midway, and nothing more of it runs", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const controller = new AbortController();
      const gates = Array(40).fill(gate);
      const mapped = pool.map(faults.waitAndName, gates, {
        chunkSize: 4,
        signal: controller.signal,
      });
      await arrivals(gate, 2);
      controller.abort(reason);
      await assertAborted(mapped);
      await assertUsable(pool);
      open(gate);
      await assertUsable(pool);
      assert.equal(gate[1], 2);
    }));

  it("imap() hands out nothing more when it is aborted, and closes its input", () =>
    withPool({ workers: 1 }, async (pool) => {
      const controller = new AbortController();
      let closed = false;
      function* forever() {
        try {
          for (;;) yield 1;
        } finally {
          closed = true;
        }
      }
      const results = pool.imap(faults.identity, forever(), { signal: controller.signal });
      assert.equal((await results.next()).value, 1);
      controller.abort(reason);
      const seen: unknown[] = [];
      for (;;) {
        const next = await results.next().catch((error: unknown) => ({ done: undefined, error }));
        if ("error" in next) seen.push(next.error);
        if (next.done) break;
      }
      assert.deepEqual(seen, [reason]);
      assert.ok(closed);
      await assertUsable(pool);
    }));

  it("apply() is not affected when it is aborted after completion", () =>
    withPool({ workers: 1 }, async (pool) => {
      const controller = new AbortController();
      const value = await pool.apply(faults.identity, [5], { signal: controller.signal });
      controller.abort(reason);
      assert.equal(value, 5);
      await assertUsable(pool);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("apply() of another job is not lost with an aborted one", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const controller = new AbortController();
      const held = pool.apply(faults.waitAndReturn, [gate, "held"]);
      await arrivals(gate, 1);
      const aborted = pool.apply(faults.hang, [], { signal: controller.signal });
      const behind = [1, 2, 3, 4].map((n) => pool.apply(faults.identity, [n]));
      await until(() => pool.stats().busy === 2);
      controller.abort(reason);
      await assertAborted(aborted);
      assert.deepEqual(await Promise.all(behind), [1, 2, 3, 4]);
      open(gate);
      assert.equal(await held, "held");
      assert.equal(pool.stats().lost, 0);
    }));

  it("apply() of another job is not lost when its task began just before the abort", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const controller = new AbortController();
      for (let n = 0; n < 5; n++) await pool.apply(faults.identity, [n], { priority: 0 });
      const aborted = pool.apply(faults.identity, [1], { signal: controller.signal });
      const next = pool.apply(faults.waitAndReturn, [gate, "next"]);
      const settled = aborted.then(() => "value", () => "aborted");
      await Promise.resolve().then(() => {});
      // Blocks this thread, so that the first result stays unread while the second task begins.
      const end = Date.now() + 500;
      while (gate[1] === 0 && Date.now() < end);
      controller.abort(reason);
      open(gate);
      assert.equal(await next, "next");
      assert.match(await settled, /value|aborted/);
      assert.deepEqual([pool.stats().lost, pool.stats().restarted], [0, 0]);
    }));

  it("apply() and map() leave no listener behind, however they end", () =>
    withPool({ workers: 2 }, async (pool) => {
      const { signal, listeners } = watchedSignal();
      await pool.apply(faults.identity, [1], { signal });
      await pool.map(faults.identity, [1, 2, 3], { signal });
      await pool.map(faults.identity, [], { signal });
      await pool.mapSettled(faults.throwNamed, ["error"], { signal });
      await assert.rejects(pool.apply(faults.throwNamed, ["error"], { signal }));
      await assert.rejects(pool.apply(faults.exitProcess, [1], { signal }));
      await assert.rejects(pool.apply(faults.hang, [], { signal, timeout: 1 }));
      await assert.rejects(pool.apply(faults.identity, [() => 1], { signal }));
      for await (const _ of pool.imap(faults.identity, [1, 2], { signal }));
      for await (const _ of pool.imap(faults.identity, [1, 2, 3], { signal })) break;
      assert.equal(listeners(), 0);
    }));

  it("apply() listens while it runs, and no longer when it was aborted or terminated", () =>
    withPool({ workers: 1 }, async (pool) => {
      const { signal, listeners, abort } = watchedSignal();
      const aborted = pool.apply(faults.hang, [], { signal });
      assert.equal(listeners(), 1);
      abort(reason);
      await assertAborted(aborted);
      assert.equal(listeners(), 0);
      const other = watchedSignal();
      const terminated = pool.apply(faults.hang, [], { signal: other.signal });
      assert.equal(other.listeners(), 1);
      void pool.terminate();
      await assert.rejects(terminated, { name: "PoolTerminatedError" });
      assert.equal(other.listeners(), 0);
    }));

  it("apply() with workers: 0 ends its promise, and the pool goes on", () =>
    withPool({ workers: 0 }, async (pool) => {
      const controller = new AbortController();
      const aborted = pool.apply(faults.hang, [], { signal: controller.signal });
      await until(() => pool.stats().busy === 1);
      controller.abort(reason);
      await assertAborted(aborted);
      await assertUsable(pool);
    }));
});

describe("abortGrace", () => {
  it("keeps the worker of a task that heeds its signal", () =>
    withPool({ workers: 1, abortGrace: 15_000 }, async (pool) => {
      const gate = makeGate();
      const before = await pool.apply(faults.workerName);
      const controller = new AbortController();
      const running = pool.apply(faults.heedSignal, [gate], { signal: controller.signal });
      await arrivals(gate, 1);
      controller.abort(reason);
      await assertAborted(running);
      assert.equal(await pool.apply(faults.workerName), before);
      assert.deepEqual([gate[0], pool.stats().restarted], [1, 0]);
    }));

  it("lets the caller not wait for it, and replaces the worker when it is over", () =>
    withPool({ workers: 1, abortGrace: 100 }, async (pool) => {
      const gate = makeGate();
      const before = await pool.apply(faults.workerName);
      const controller = new AbortController();
      const running = pool.apply(faults.waitAndName, [gate], { signal: controller.signal });
      await arrivals(gate, 1);
      controller.abort(reason);
      await assertAborted(running);
      assert.equal(pool.stats().restarted, 0);
      assert.notEqual(await pool.apply(faults.workerName), before);
      open(gate);
      assert.equal(pool.stats().restarted, 1);
    }));

  it("takes an unclonable reason to the task in words", () =>
    withPool({ workers: 1, abortGrace: 15_000 }, async (pool) => {
      const gate = makeGate();
      const controller = new AbortController();
      const running = pool.apply(faults.heedSignal, [gate], { signal: controller.signal });
      await arrivals(gate, 1);
      const unclonable = () => 1;
      controller.abort(unclonable);
      await assertAborted(running, unclonable);
      await until(() => pool.stats().busy === 0);
      assert.deepEqual([gate[0], pool.stats().restarted], [1, 0]);
    }));

  it("runs the rest of a chunk elsewhere once", () =>
    withPool({ workers: 2, abortGrace: 50 }, async (pool) => {
      const options = { chunkSize: 4, timeout: 500 };
      const outcomes = await pool.mapSettled(faults.nap, [1, 60_000, 2, 3], options);
      assert.deepEqual(
        outcomes.map((outcome) =>
          outcome.status === "fulfilled" ? outcome.value : outcome.reason.name
        ),
        [1, "TimeoutError", 2, 3],
      );
    }));

  it("runs tasks that wait behind elsewhere meanwhile", () =>
    withPool({ workers: 2, abortGrace: 15_000 }, async (pool) => {
      const gate = makeGate();
      const controller = new AbortController();
      const running = pool.apply(faults.waitAndName, [gate], { signal: controller.signal });
      await arrivals(gate, 1);
      controller.abort(reason);
      await assertAborted(running);
      await assertUsable(pool);
      open(gate);
      await until(() => pool.stats().busy === 0);
      assert.equal(pool.stats().restarted, 0);
    }));

  it("tells a task whose time is over as well", () =>
    withPool({ workers: 1, abortGrace: 15_000 }, async (pool) => {
      const gate = makeGate();
      await assert.rejects(pool.apply(faults.heedSignal, [gate], { timeout: 50 }), {
        name: "TimeoutError",
      });
      await until(() => pool.stats().busy === 0);
      assert.deepEqual([gate[0], pool.stats().restarted], [1, 0]);
    }));
});

describe("AsyncResult.abort()", () => {
  it("abort() rejects a queued call with an AbortError, and runs nothing of it", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const runs = makeCounters(1);
      const running = pool.apply(faults.waitAndReturn, [gate, 1]);
      await arrivals(gate, 1);
      const queued = pool.applyAsync(faults.countAndThrow, [runs]);
      queued.abort();
      await assert.rejects(queued.get(), { name: "AbortError" });
      assert.equal(queued.successful(), false);
      open(gate);
      await running;
      assert.equal(runs[0], 0);
    }));

  it("abort() rejects a running call with its reason, and the errorCallback hears it", () =>
    withPool({ workers: 1 }, async (pool) => {
      const heard: unknown[] = [];
      const options = { errorCallback: (error: unknown) => heard.push(error) };
      const result = pool.applyAsync(faults.hang, [], options);
      await until(() => pool.stats().busy === 1);
      result.abort(reason);
      await assertAborted(result);
      assert.deepEqual(heard, [reason]);
      await assertUsable(pool);
    }));

  it("abort() ends a mapAsync() with all its tasks", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const result = pool.mapAsync(faults.waitAndName, Array(20).fill(gate), { chunkSize: 5 });
      await arrivals(gate, 2);
      result.abort(reason);
      await assertAborted(result);
      await assertUsable(pool);
      open(gate);
      assert.equal(gate[1], 2);
    }));

  it("abort() does nothing once there is a result", () =>
    withPool({ workers: 1 }, async (pool) => {
      const result = pool.applyAsync(faults.identity, [9]);
      assert.equal(await result, 9);
      result.abort(reason);
      assert.equal(await result.get(), 9);
      await assertUsable(pool);
      assert.equal(pool.stats().restarted, 0);
    }));
});
