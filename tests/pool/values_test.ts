import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Buffer } from "node:buffer";
import { fromModule, inline, type Pool } from "../../mod.ts";
import { depthOf as depthIn, nest } from "../fixtures/tasks/values.ts";
import { runtime } from "../fixtures/runtime.ts";
import { withPool } from "../fixtures/with_pool.ts";

const { deep, depthOf, moveSlab, reportDeep, throwDeep, withCallback } = fromModule<
  typeof import("../fixtures/tasks/values.ts")
>(new URL("../fixtures/tasks/values.ts", import.meta.url));

/** Too deep for Node's main thread to read, and on Deno for any; a worker can write it. */
const TOO_DEEP = 3_000;

function assertNoneLost(pool: Pool): void {
  const { lost, restarted } = pool.stats();
  assert.deepEqual([lost, restarted], [0, 0]);
}

describe("a value that can be written and not read", () => {
  it("is a result that fails its own task, not those beside it, nor the worker", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      for (const count of [1, 2, 100]) {
        const depths = Array.from({ length: count }, (_, at) => at === count >> 1 ? TOO_DEEP : 0);
        const outcomes = await pool.mapSettled(deep, depths.map((depth) => ({ depth })));
        for (const [at, outcome] of outcomes.entries()) {
          if (depths[at] === 0) {
            assert.deepEqual(outcome, { status: "fulfilled", value: { depth: 0 } });
          } else if (outcome.status === "rejected") {
            assert.equal(outcome.reason.name, "SerializationError");
          } else assert.equal(depthIn(outcome.value), TOO_DEEP);
        }
      }
      assertNoneLost(pool);
    }));

  for (const workers of [0, 1, 2]) {
    it(`is an argument that fails its own task, not those beside it: ${workers} workers`, () =>
      withPool({ workers, idleTimeout: Infinity }, async (pool) => {
        for (const [at, count] of [[0, 1], [1, 2], [40, 100]] as const) {
          const depths = Array.from({ length: count }, (_, n) => n === at ? TOO_DEEP : n);
          const outcomes = await pool.mapSettled(depthOf, depths.map(nest), { chunkSize: 50 });
          for (const [n, outcome] of outcomes.entries()) {
            if (outcome.status === "fulfilled") assert.equal(outcome.value, depths[n]);
            else assert.deepEqual([n, outcome.reason.name], [at, "DataCloneError"]);
          }
        }
        assertNoneLost(pool);
      }));
  }

  it("is an argument that fails its own call, before and behind others", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      const calls = [1, TOO_DEEP, 2, 10 * TOO_DEEP, 3].map((depth) =>
        pool.apply(depthOf, [nest(depth)])
      );
      const outcomes = await Promise.all(calls.map((call) => call.catch((error) => error.name)));
      assert.deepEqual([outcomes[0], outcomes[2], outcomes[4]], [1, 2, 3]);
      for (const outcome of [outcomes[1], outcomes[3]]) {
        assert.ok(outcome === "DataCloneError" || Number(outcome) >= TOO_DEEP, String(outcome));
      }
      assert.equal(await pool.apply(depthOf, [nest(4)]), 4);
      assertNoneLost(pool);
    }));

  it("is a report that fails its own job", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      const reports: unknown[] = [];
      const onReport = (value: unknown) => reports.push(value);
      const [outcome] = await Promise.allSettled([
        pool.apply(reportDeep, [TOO_DEEP], { onReport }),
      ]);
      // Chromium refuses to write it.
      const names = ["SerializationError", ...(runtime === "browser" ? ["RangeError"] : [])];
      if (outcome?.status === "rejected") assert.ok(names.includes(outcome.reason.name));
      else assert.equal(reports.length, 1);
      assert.equal(await pool.apply(reportDeep, [5], { onReport }), 5);
      assertNoneLost(pool);
    }));

  it("is a property that its error does without", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      const error = await pool.apply(throwDeep, [TOO_DEEP]).catch((error) => error);
      assert.deepEqual([error.name, error.message, error.code], ["RangeError", "deep", 7]);
      assertNoneLost(pool);
    }));

  it("is an argument of the initializer, with which no pool can run", () =>
    withPool(
      { workers: 1, initializer: inline(isObject), initArgs: [nest(TOO_DEEP)] },
      async (pool) => {
        const outcome = await pool.apply(depthOf, [nest(1)]).catch((error) => error.name);
        assert.ok(outcome === "InitializerError" || outcome === 1, String(outcome));
      },
    ));
});

describe("a value that cannot be cloned", () => {
  // Types forbid it, as for JavaScript callers who pass it all the same.
  const count = (...args: unknown[]) => args.length;
  const odd = { options: { onDone() {} } };

  for (const workers of [0, 1]) {
    it(`says where in the arguments it lies, ${workers} workers`, () =>
      withPool({ workers }, async (pool) => {
        const place = /: argument 2, \.options\.onDone: a function$/;
        const error = { name: "DataCloneError", message: place };
        await assert.rejects(pool.apply(count, [1, odd]), error);
        await assert.rejects(pool.starmap(count, [[1], [1, odd]]), error);
        await assert.rejects(pool.map(count, [1, 2, odd]), { message: /: items\[2\], \.options/ });
        await assert.rejects(pool.imap(count, [odd]).next(), {
          message: /: items\[0\], \.options/,
        });
      }));

    it(`says where in the result it lies, ${workers} workers`, () =>
      withPool({ workers }, async (pool) => {
        const message = /\(result, \.options\.onDone: a function\)/;
        await assert.rejects(pool.apply(withCallback), { name: "SerializationError", message });
      }));
  }

  it(
    "may be a Buffer whose memory is that of others",
    { skip: runtime !== "node" },
    () =>
      withPool({ workers: 1 }, async (pool) => {
        await assert.rejects(pool.apply(moveSlab), {
          name: "SerializationError",
          message: /of Node/,
        });
        const bytes = Buffer.from("abc");
        const transfer = [bytes.buffer as ArrayBuffer];
        const error = { name: "DataCloneError", message: /of Node/ };
        await assert.rejects(pool.apply(count, [bytes], { transfer }), error);
        assert.equal(bytes.length, 3);
      }),
  );

  it("may be one that some platforms would make empty", () =>
    withPool({ workers: 1 }, async (pool) => {
      const url = new URL("http://localhost/");
      const error = { name: "DataCloneError", message: /: (argument 1|items\[0\]): an? URL$/ };
      await assert.rejects(pool.apply(count, [url]), error);
      await assert.rejects(pool.map(count, [url]), error);
      const result = pool.apply(() => new AbortController().signal);
      await assert.rejects(result, { name: "SerializationError", message: /AbortSignal/ });
      const named = withPool(
        { workers: 1, initializer: count, initArgs: [url] },
        (pool) => assert.rejects(pool.apply(count), { name: "InitializerError" }),
      );
      await named;
    }));
});

describe("a small part of a large buffer", () => {
  const large = new Uint8Array(1 << 22);
  const parts = Array.from({ length: 64 }, (_, n) => large.subarray(n << 10, (n + 1) << 10));
  const sizeOf = (bytes: Uint8Array) => bytes.buffer.byteLength;

  for (const workers of [0, 2]) {
    it(`goes alone as an item, an argument or a result, ${workers} workers`, () =>
      withPool({ workers }, async (pool) => {
        const sizes = await pool.map(sizeOf, parts);
        assert.deepEqual(new Set(sizes), new Set([1 << 10]));
        assert.equal(
          await pool.apply(({ bytes }: { bytes: Uint8Array }) => bytes.buffer.byteLength, [{
            bytes: parts[1] ?? large,
          }]),
          1 << 10,
        );
        const result = await pool.apply(() => new Uint8Array(1 << 16).subarray(7, 9));
        assert.deepEqual([result.length, result.buffer.byteLength], [2, 2]);
        const share = (a: Uint8Array, b: Uint8Array) => a.buffer === b.buffer;
        assert.equal(await pool.apply(share, [large.subarray(0, 1), large.subarray(1, 2)]), true);
      }));
  }
});

function isObject(value: object): boolean {
  return typeof value === "object";
}
