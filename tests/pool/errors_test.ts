import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, type Pool, SerializationError } from "../../mod.ts";
import { thrown } from "../fixtures/tasks/faults.ts";
import { reasonOf, rejectionOf } from "../fixtures/rejection.ts";
import { withPool } from "../fixtures/with_pool.ts";

const faults = fromModule<typeof import("../fixtures/tasks/faults.ts")>(
  new URL("../fixtures/tasks/faults.ts", import.meta.url),
);

/** The own property of an error, which its type does not know. */
function get(error: unknown, key: string): unknown {
  return Reflect.get(Object(error), key);
}

async function assertSameWorker(pool: Pool, use: () => Promise<void>): Promise<void> {
  const before = await pool.apply(faults.workerName);
  await use();
  assert.equal(await pool.apply(faults.workerName), before);
  const { lost, restarted } = pool.stats();
  assert.deepEqual([lost, restarted], [0, 0]);
}

const CLASSES = {
  error: Error,
  typeError: TypeError,
  rangeError: RangeError,
  syntaxError: SyntaxError,
  referenceError: ReferenceError,
  uriError: URIError,
  evalError: EvalError,
};

for (const workers of [1, 0]) {
  describe(`What a task throws with ${workers} workers`, () => {
    const names = Object.entries(CLASSES);
    it("apply() rejects with an error of the language's own class", () =>
      withPool({ workers }, async (pool) => {
        for (const [name, errorClass] of names) {
          for (const task of [faults.throwNamed, faults.rejectNamed]) {
            const error = await rejectionOf(pool.apply(task, [name]));
            assert.equal(error.constructor, errorClass);
            assert.equal(error.name, errorClass.name);
            assert.equal(error.message, get(thrown[name]?.(), "message"));
          }
        }
      }));

    it("apply() rejects with name and properties of an error of the task's own class", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["custom"]));
        assert.ok(error instanceof RangeError);
        assert.equal(error.name, "QuotaError");
        assert.equal(error.message, "over quota");
        assert.equal(get(error, "limit"), 3);
      }));

    it("apply() rejects with the name that an error was given", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["renamed"]));
        assert.ok(error instanceof TypeError);
        assert.equal(String(error), "ShoeSizeError: renamed");
      }));

    it("apply() rejects with the error's own properties", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["properties"]));
        assert.equal(get(error, "code"), "ENOENT");
        assert.deepEqual(get(error, "tries"), [1, { n: 2 }]);
        assert.deepEqual(Object.keys(error).sort(), ["code", "tries"]);
      }));

    it("apply() rejects with the chain of causes", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["cause"]));
        assert.ok(error.cause instanceof TypeError);
        assert.equal(error.cause.message, "middle");
        assert.deepEqual(error.cause.cause, { inner: true });
      }));

    it("apply() rejects with a cause that is there but undefined", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["falsyCause"]));
        assert.ok("cause" in error);
        assert.equal(error.cause, undefined);
      }));

    it("apply() rejects with causes that go round in a circle", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["cyclic"]));
        assert.ok(error.cause instanceof RangeError);
        assert.equal(error.cause.message, "egg");
        assert.equal(error.cause.cause, error);
      }));

    it("apply() rejects with the errors of an AggregateError", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["aggregate"]));
        assert.ok(error instanceof AggregateError);
        assert.equal(error.message, "both failed");
        assert.equal(error.errors.length, 2);
        assert.ok(error.errors[0] instanceof TypeError);
        assert.equal(error.errors[0].message, "first");
        assert.equal(error.errors[1], "second");
      }));

    it("apply() rejects with a DOMException", () =>
      withPool({ workers }, async (pool) => {
        const error = await reasonOf(pool.apply(faults.throwNamed, ["domException"]));
        assert.ok(error instanceof DOMException);
        assert.deepEqual([error.name, error.message, error.code], ["AbortError", "gave up", 20]);
      }));

    for (const name of ["number", "text", "null", "undefined", "object", "map"]) {
      it(`apply() rejects with a thrown ${name} as it is`, () =>
        withPool({ workers }, async (pool) => {
          const reason = await reasonOf(pool.apply(faults.throwNamed, [name]));
          assert.deepEqual(reason, thrown[name]?.());
        }));
    }

    for (const name of ["function", "symbol"]) {
      it(`apply() rejects with a SerializationError for a thrown ${name}`, () =>
        withPool({ workers }, async (pool) => {
          const error = await rejectionOf(pool.apply(faults.throwNamed, [name]));
          assert.ok(error instanceof SerializationError, String(error));
        }));
    }

    it("apply() rejects with an unclonable property described and the rest as it was", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["unclonable"]));
        assert.ok(error instanceof TypeError);
        assert.equal(error.message, "kept");
        assert.equal(get(error, "code"), 7);
        assert.match(String(get(error, "retry")), /function/);
        assert.equal(typeof get(error, "retry"), "string");
      }));

    it("apply() rejects with a property described that holds something unclonable", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["nestedUnclonable"]));
        assert.equal(error.message, "kept");
        assert.equal(typeof get(error, "data"), "string");
      }));

    it("apply() rejects with the error even if one of its getters throws", () =>
      withPool({ workers }, async (pool) => {
        const error = await rejectionOf(pool.apply(faults.throwNamed, ["hostileGetter"]));
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, "kept");
        assert.match(String(get(error, "secret")), /not for you/);
      }));

    it("apply() rejects for an unclonable argument with a DataCloneError", () =>
      withPool({ workers }, (pool) =>
        assertSameWorker(pool, async () => {
          const error = await reasonOf(pool.apply(faults.identity, [() => 1]));
          assert.ok(error instanceof DOMException);
          assert.equal(error.name, "DataCloneError");
          assert.equal(pool.stats().failed, 1);
        })));

    it("mapSettled() rejects only the task whose argument is unclonable", () =>
      withPool({ workers }, (pool) =>
        assertSameWorker(pool, async () => {
          const items = [1, 2, () => 3, 4, Symbol("five"), 6];
          const outcomes = await pool.mapSettled(faults.identity, items, { chunkSize: 6 });
          assert.deepEqual(
            outcomes.map((outcome) =>
              outcome.status === "fulfilled" ? outcome.value : outcome.reason.name
            ),
            [1, 2, "DataCloneError", 4, "DataCloneError", 6],
          );
        })));

    it("mapSettled() rejects only the unclonable ones among thousands of one chunk", () =>
      withPool({ workers }, (pool) =>
        assertSameWorker(pool, async () => {
          const items = Array.from({ length: 3000 }, (_, n) => n % 3 === 0 ? () => n : n);
          const outcomes = await pool.mapSettled(faults.identity, items, { chunkSize: 3000 });
          const given = outcomes.map((outcome) =>
            outcome.status === "fulfilled" ? outcome.value : outcome.reason.name
          );
          assert.deepEqual(given, items.map((_, n) => n % 3 === 0 ? "DataCloneError" : n));
        })));

    it("apply() rejects for an unclonable result with a SerializationError", () =>
      withPool({ workers }, (pool) =>
        assertSameWorker(pool, async () => {
          const error = await rejectionOf(pool.apply(faults.oddIsUnclonable, [1]));
          assert.ok(error instanceof SerializationError, String(error));
          assert.equal(error.name, "SerializationError");
          assert.equal(get(error.cause, "name"), "DataCloneError");
        })));

    it("mapSettled() rejects only the tasks whose results are unclonable", () =>
      withPool({ workers }, (pool) =>
        assertSameWorker(pool, async () => {
          const items = [0, 1, 2, 3, 4];
          const outcomes = await pool.mapSettled(faults.oddIsUnclonable, items, { chunkSize: 5 });
          assert.deepEqual(
            outcomes.map((outcome) =>
              outcome.status === "fulfilled" ? outcome.value : outcome.reason.name
            ),
            [0, "SerializationError", 2, "SerializationError", 4],
          );
        })));
  });
}

describe("The stack of a task's error", () => {
  const calls: Record<string, (pool: Pool) => PromiseLike<unknown>> = {
    apply: (pool) => pool.apply(faults.throwDeepInTheWorker),
    "apply with options": (pool) => pool.apply(faults.throwDeepInTheWorker, [], { priority: 1 }),
    applyAsync: (pool) => pool.applyAsync(faults.throwDeepInTheWorker),
    map: (pool) => pool.map(faults.throwDeepInTheWorker, [1]),
    mapAsync: (pool) => pool.mapAsync(faults.throwDeepInTheWorker, [1]),
    starmap: (pool) => pool.starmap(faults.throwDeepInTheWorker, [[]]),
    imap: (pool) => pool.imap(faults.throwDeepInTheWorker, [1]).next(),
    imapUnordered: (pool) => pool.imapUnordered(faults.throwDeepInTheWorker, [1]).next(),
    broadcast: (pool) => pool.broadcast(faults.throwDeepInTheWorker),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`${name}() shows the worker's frames, then the caller's`, () =>
      withPool({ workers: 1 }, async (pool) => {
        const { stack = "" } = await rejectionOf(call(pool));
        const lines = stack.split("\n");
        const inWorker = lines.findIndex((line) => line.includes("faults.ts"));
        const inCaller = lines.findIndex((line) => line.includes("errors_test.ts"));
        assert.ok(stack.includes("throwDeepInTheWorker"), stack);
        assert.ok(inWorker >= 0 && inCaller > inWorker, stack);
      }));
  }

  it("mapSettled() shows the worker's frames, then the caller's", () =>
    withPool({ workers: 1 }, async (pool) => {
      const [outcome] = await pool.mapSettled(faults.throwDeepInTheWorker, [1]);
      assert.equal(outcome?.status, "rejected");
      const { stack } = outcome.reason;
      assert.ok(stack.indexOf("errors_test.ts") > stack.indexOf("faults.ts"), stack);
    }));

  it("apply() shows each caller's own frames when calls share a message", () =>
    withPool({ workers: 1 }, async (pool) => {
      function thisCaller() {
        return rejectionOf(pool.apply(faults.throwDeepInTheWorker));
      }
      function thatCaller() {
        return rejectionOf(pool.apply(faults.throwDeepInTheWorker));
      }
      const [one, other] = await Promise.all([thisCaller(), thatCaller()]);
      assert.match(String(one.stack), /thisCaller/);
      assert.doesNotMatch(String(one.stack), /thatCaller/);
      assert.match(String(other.stack), /thatCaller/);
    }));

  it("terminate() gives each job an error with its own caller's frames", () =>
    withPool({ workers: 1 }, async (pool) => {
      function thisCaller() {
        return rejectionOf(pool.map(faults.hang, [1]));
      }
      function thatCaller() {
        return rejectionOf(pool.applyAsync(faults.hang));
      }
      const pending = [thisCaller(), thatCaller()];
      await pool.terminate();
      const [one, other] = await Promise.all(pending);
      assert.match(String(one?.stack), /thisCaller/);
      assert.doesNotMatch(String(one?.stack), /thatCaller/);
      assert.match(String(other?.stack), /thatCaller/);
    }));

  it("apply() leaves the stack of an abort's reason as it is", () =>
    withPool({ workers: 1 }, async (pool) => {
      const reason = new Error("enough");
      const { stack } = reason;
      const controller = new AbortController();
      const { signal } = controller;
      const pending = [1, 2, 3].map(() => rejectionOf(pool.apply(faults.hang, [], { signal })));
      controller.abort(reason);
      for (const promise of pending) assert.equal(await promise, reason);
      assert.equal(await rejectionOf(pool.map(faults.hang, [1], { signal })), reason);
      assert.equal(reason.stack, stack);
    }));
});
