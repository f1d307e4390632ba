import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApplyCalls } from "../../../core/pool/apply_calls.ts";

/** An error that stands for the place of a call: engines write stacks in ways of their own. */
function callFrom(place: string): Error {
  return Object.assign(new Error("call"), { stack: `Error: call\n    at ${place}` });
}

/** Adds a call; gives what it becomes. */
function call(calls: ApplyCalls, args: unknown[], callSite?: Error): Promise<unknown> {
  const { promise, ...resolvers } = Promise.withResolvers<unknown>();
  calls.add(args, callSite === undefined ? resolvers : { ...resolvers, callSite });
  promise.catch(() => {});
  return promise;
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => assert.fail("it resolved"), (error) => error);

describe("ApplyCalls", () => {
  it("take() gives the calls in order, each once", () => {
    const calls = new ApplyCalls();
    for (let at = 0; at < 5; at++) void call(calls, [at]);
    assert.deepEqual([calls.waiting, calls.remaining, calls.exhausted], [5, 5, false]);
    assert.deepEqual(calls.take(2), [[0], [1]]);
    assert.deepEqual(calls.take(9), [[2], [3], [4]]);
    assert.deepEqual([calls.waiting, calls.exhausted], [0, true]);
    void call(calls, [5]);
    assert.deepEqual(calls.take(9), [[5]]);
  });

  it("a run goes on when all its calls are done, until it is probed", () => {
    const calls = new ApplyCalls(true);
    void call(calls, [0]);
    calls.take(1);
    calls.fulfil(0, [0]);
    assert.deepEqual([calls.open, calls.exhausted], [true, false]);
    void call(calls, [1]);
    assert.deepEqual(calls.take(9), [[1]]);
    calls.probe();
    assert.deepEqual([calls.open, calls.exhausted], [false, true]);
  });

  it("settles each call by itself", async () => {
    const calls = new ApplyCalls();
    const [first, second] = [call(calls, []), call(calls, [])];
    const error = new RangeError("odd");
    calls.reject(1, error);
    assert.equal(await errorOf(second), error);
    calls.fulfil(0, ["value"]);
    assert.equal(await first, "value");
    calls.fulfil(9, ["nobody waits for it"]);
  });

  it("open turns false when its job is over, and after thousands of calls", async () => {
    const calls = new ApplyCalls();
    let added = 0;
    for (; calls.open && added < 100_000; added++) void call(calls, []);
    assert(added >= 1000 && added < 100_000, String(added));
    for (const over of ["end", "cancel"] as const) {
      const short = new ApplyCalls();
      assert.equal(short.open, true);
      await short[over]();
      assert.equal(short.open, false);
    }
    const failed = new ApplyCalls();
    failed.fail(new Error("torn"));
    assert.equal(failed.open, false);
  });

  it("cancel() leaves nothing to take", async () => {
    const calls = new ApplyCalls();
    void call(calls, []);
    await calls.cancel();
    assert.deepEqual([calls.waiting, calls.exhausted, calls.take(9)], [0, true, []]);
  });

  it("reject() puts the call behind the stack of its error", async () => {
    const calls = new ApplyCalls();
    const result = call(calls, [], callFrom("firstCaller"));
    calls.reject(0, new RangeError("odd"));
    const error = await errorOf(result);
    assert(error instanceof RangeError);
    assert.match(error.stack ?? "", /firstCaller/);
  });

  it("fail() gives every caller an error of its own, with its own call", async () => {
    const calls = new ApplyCalls();
    const done = call(calls, [], callFrom("firstCaller"));
    const results = [
      call(calls, [], callFrom("firstCaller")),
      call(calls, [], callFrom("secondCaller")),
    ];
    calls.fulfil(0, ["done"]);
    const cause = new Error("cause");
    calls.fail(Object.assign(new RangeError("torn", { cause }), { code: 7 }));
    assert.equal(await done, "done");
    const [first, second] = await Promise.all(results.map(errorOf));
    assert(first instanceof RangeError && second instanceof RangeError);
    assert.notEqual(first, second);
    for (const error of [first, second]) {
      assert.deepEqual([error.message, error.cause, Reflect.get(error, "code")], [
        "torn",
        cause,
        7,
      ]);
    }
    assert.match(first.stack ?? "", /firstCaller/);
    assert.doesNotMatch(first.stack ?? "", /secondCaller/);
    assert.match(second.stack ?? "", /secondCaller/);
    assert.doesNotMatch(second.stack ?? "", /firstCaller/);
  });

  it("fail() gives a single caller the error itself, whatever went before", async () => {
    const calls = new ApplyCalls();
    void call(calls, []);
    calls.fulfil(0, ["done"]);
    const result = call(calls, []);
    const error = new Error("torn");
    calls.fail(error);
    assert.equal(await errorOf(result), error);
  });
});
