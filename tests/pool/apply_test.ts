import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, Pool, PoolStateError, SerializationError } from "../../mod.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { rejectionOf } from "../fixtures/rejection.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

describe("apply()", () => {
  it("apply() gives the task's value, of a function that is async as well", () =>
    withPool({ workers: 1 }, async (pool) => {
      const sum: number = await pool.apply(tasks.add, [1, 2]);
      const later: number = await pool.apply(tasks.squareLater, [7]);
      assert.deepEqual([sum, later], [3, 49]);
    }));

  it("apply() calls without arguments when there are none, and passes all that there are", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.apply(tasks.argumentCount), 0);
      assert.equal(await pool.apply(tasks.argumentCount, [undefined, null, 3]), 3);
    }));

  it("apply() runs the task in a worker, whose name begins with the pool's", () =>
    withPool({ workers: 1, name: "crew" }, async (pool) => {
      const { inWorker, workerName } = await pool.apply(tasks.here);
      assert.equal(inWorker, true);
      assert.match(workerName ?? "", /^crew/);
    }));

  it("apply() names the workers polypool when the pool has no name", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.match(await pool.apply(tasks.nameOfWorker), /^polypool/);
    }));

  it("apply() keeps what a task left in its worker", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      const calls = [1, 2, 3].map(() => pool.apply(tasks.callsHere));
      assert.deepEqual(await Promise.all(calls), [1, 2, 3]);
      assert.equal(await pool.apply(tasks.callsHere), 4);
    }));

  it("apply() copies arguments when they are sent: later changes do not reach the task", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const list = [1];
      const call = pool.apply(tasks.echoAt, [gate, list]);
      await arrivals(gate, 1);
      list.push(2);
      open(gate);
      const copy = await call;
      assert.notEqual(copy, list);
      assert.deepEqual(copy, [1]);
    }));

  it("apply() keeps references that arguments share", () =>
    withPool({ workers: 1 }, async (pool) => {
      const inner = { a: 1 };
      assert.equal(await pool.apply(tasks.sharesWith, [{ inner }, inner]), true);
    }));

  it("apply() carries whatever the platform clones, both ways", () =>
    withPool({ workers: 1 }, async (pool) => {
      const value = {
        map: new Map([["k", new Set([1n])]]),
        date: new Date(0),
        bytes: new Uint8Array([1, 2]),
        odd: [NaN, -0, undefined, null],
      };
      assert.deepEqual(await pool.apply(tasks.echo, [value]), value);
    }));

  it("apply() runs one task at a time in a worker, an async one until it settles", () =>
    withPool({ workers: 1 }, async (pool) => {
      const gate = makeGate();
      const order: string[] = [];
      const first = pool.apply(tasks.holdLater, [{ gate, n: 1 }]).then(() => order.push("first"));
      const second = pool.apply(tasks.hold, [{ gate, n: 2 }]).then(() => order.push("second"));
      await arrivals(gate, 1);
      await new Promise((wake) => setTimeout(wake, 30));
      assert.equal(Atomics.load(gate, 1), 1);
      open(gate);
      await Promise.all([first, second]);
      assert.deepEqual(order, ["first", "second"]);
    }));

  it("apply() runs as many tasks at a time as there are workers, and no more", () =>
    withPool({ workers: 2 }, async (pool) => {
      const gate = makeGate();
      const calls = [1, 2, 3].map((n) => pool.apply(tasks.hold, [{ gate, n }]));
      await arrivals(gate, 2);
      assert.equal(pool.stats().running, 2);
      assert.equal(pool.stats().workers, 2);
      open(gate);
      assert.deepEqual(await Promise.all(calls), [1, 2, 3]);
    }));

  it("apply() throws for arguments that are no array, and for a task that is no function", () =>
    withPool({ workers: 1 }, (pool) => {
      // Wrong types, as JavaScript callers may pass them.
      assert.throws(() => pool.apply(tasks.square, 5 as never), TypeError);
      assert.throws(() => pool.apply(tasks.square, null as never), TypeError);
      assert.throws(() => pool.apply("square" as never), TypeError);
      assert.throws(() => pool.apply(undefined as never), TypeError);
      assert.equal(pool.stats().workers, 0);
    }));
});

describe("apply() of a task that fails", () => {
  it("apply() rejects with the class, message and stack of the language's own errors", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await rejectionOf(pool.apply(tasks.failOdd, [3]));
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, "odd: 3");
      assert.match(error.stack ?? "", /failOdd/);
      assert.match(error.stack ?? "", /tasks\.ts/);
    }));

  it("apply() adds the submitter's call to the worker's stack", async () => {
    const pool = new Pool({ workers: 1 });
    async function theSubmitter(): Promise<void> {
      await pool.apply(tasks.failOdd, [1]);
    }
    const { stack = "" } = await rejectionOf(theSubmitter());
    assert.match(stack, /failOdd[\s\S]*apply_test\.ts/);
    await pool.terminate();
  });

  it("apply() keeps name, message and own properties of an error of any other class", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await rejectionOf(pool.apply(tasks.throwOwnClass, [5]));
      assert.equal(error.name, "OddError");
      assert.equal(error.message, "odd: 5");
      assert.equal(Reflect.get(error, "n"), 5);
    }));

  it("apply() keeps the chain of causes, and the errors of an AggregateError", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await rejectionOf(pool.apply(tasks.throwWithCauses));
      assert.ok(error instanceof TypeError);
      assert.ok(error.cause instanceof AggregateError);
      assert.equal(error.cause.message, "many");
      assert.ok(error.cause.errors[0] instanceof SyntaxError);
      assert.equal(error.cause.errors[0].message, "innermost");
      assert.equal(error.cause.errors[1], 7);
    }));

  for (const value of ["text", 0, null, undefined, { code: 7, list: [1] }]) {
    it(`apply() rejects with what was thrown when it is no error: ${JSON.stringify(value)}`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const [outcome] = await Promise.allSettled([pool.apply(tasks.throwValue, [value])]);
        assert.deepEqual(outcome, { status: "rejected", reason: value });
      }));
  }

  it("apply() describes a property of an error that cannot be cloned, and keeps the rest", () =>
    withPool({ workers: 1 }, async (pool) => {
      const error = await rejectionOf(pool.apply(tasks.throwUnclonable));
      assert.ok(error instanceof URIError);
      assert.equal(error.message, "partly");
      assert.deepEqual(Reflect.get(error, "fine"), [1, 2]);
      assert.match(Reflect.get(error, "open"), /open/);
    }));

  it("apply() rejects with DataCloneError for an argument that cannot be cloned", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      assert.equal(await pool.apply(tasks.callsHere), 1);
      const calls = [
        pool.apply(tasks.callsHere),
        pool.apply(tasks.echo, [() => 1]),
        pool.apply(tasks.callsHere),
      ];
      const [before, bad, after] = await Promise.allSettled(calls);
      assert.equal(bad?.status === "rejected" && bad.reason.name, "DataCloneError");
      assert.ok(bad?.status === "rejected" && bad.reason instanceof DOMException);
      assert.deepEqual([before, after].map((it) => it?.status === "fulfilled" && it.value), [2, 3]);
    }));

  it("apply() rejects with SerializationError for a result that cannot be cloned", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      assert.equal(await pool.apply(tasks.callsHere), 1);
      await assert.rejects(pool.apply(tasks.returnUnclonable), SerializationError);
      assert.equal(await pool.apply(tasks.callsHere), 2);
      assert.equal(pool.stats().lost, 0);
    }));
});

describe("apply() and the life of the pool", () => {
  it("close() lets what is queued run", () =>
    withPool({ workers: 1 }, async (pool) => {
      const calls = [1, 2, 3].map((n) => pool.apply(tasks.square, [n]));
      pool.close();
      pool.close();
      assert.equal(pool.state, "closed");
      assert.deepEqual(await Promise.all(calls), [1, 4, 9]);
      await pool.join();
    }));

  it("apply() and every other submitting method throws at the call once the pool is closed", () =>
    withPool({ workers: 1 }, async (pool) => {
      pool.close();
      const submissions: (() => unknown)[] = [
        () => pool.apply(tasks.square, [1]),
        () => pool.applyAsync(tasks.square, [1]),
        () => pool.map(tasks.square, [1]),
        () => pool.mapAsync(tasks.square, [1]),
        () => pool.starmap(tasks.add, [[1, 2]]),
        () => pool.starmapAsync(tasks.add, [[1, 2]]),
        () => pool.imap(tasks.square, [1]),
        () => pool.imapUnordered(tasks.square, [1]),
        () => pool.istarmap(tasks.add, [[1, 2]]),
        () => pool.istarmapUnordered(tasks.add, [[1, 2]]),
        () => pool.mapSettled(tasks.square, [1]),
        () => pool.broadcast(tasks.callsHere),
      ];
      for (const submit of submissions) assert.throws(submit, PoolStateError, String(submit));
      await assert.rejects(pool.ready(), PoolStateError);
      await pool.terminate();
      for (const submit of submissions) assert.throws(submit, PoolStateError, String(submit));
    }));

  it("apply() starts workers on demand, up to what is asked for", () =>
    withPool({ workers: 2 }, async (pool) => {
      assert.equal(pool.stats().workers, 0);
      await pool.apply(tasks.square, [1]);
      assert.equal(pool.stats().workers, 1);
    }));

  it("ready() resolves when all workers are up and initialized", () =>
    withPool({
      workers: 2,
      initializer: tasks.setGreeting,
      initArgs: ["hello"],
      idleTimeout: Infinity,
    }, async (pool) => {
      await pool.ready();
      const { workers, idle } = pool.stats();
      assert.deepEqual({ workers, idle }, { workers: 2, idle: 2 });
      assert.deepEqual(await pool.broadcast(tasks.greetingHere), ["hello", "hello"]);
    }));

  it("stats() counts what completed and what failed", () =>
    withPool({ workers: 1 }, async (pool) => {
      await pool.apply(tasks.square, [1]);
      await pool.map(tasks.square, [1, 2]);
      await assert.rejects(pool.apply(tasks.failOdd, [1]));
      await until(() => pool.stats().busy === 0);
      const { completed, failed, lost, queued, running } = pool.stats();
      assert.deepEqual({ completed, failed, lost, queued, running }, {
        completed: 3,
        failed: 1,
        lost: 0,
        queued: 0,
        running: 0,
      });
    }));
});
