import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openInput } from "../../core/task_input.ts";

describe("openInput()", () => {
  it("knows the length of what has one by construction", () => {
    const known = [[1, 2], new Set([1, 2]), new Uint8Array(2), new Map([[1, 1], [2, 2]])];
    for (const items of known) {
      const input = openInput(items, true, () => {});
      assert.deepEqual([input.length, input.waiting], [2, 2]);
      assert.equal(input.take(1).items.length, 1);
      assert.deepEqual([input.remaining, input.exhausted], [1, false]);
      input.take(5);
      assert.equal(input.exhausted, true);
    }
  });

  it("refuses what cannot be read", () => {
    for (const items of [undefined, null, 1, {}]) {
      assert.throws(() => openInput(items, true, () => {}), TypeError);
    }
  });

  it("gives the items before an error, then the error", () => {
    const error = new Error("torn");
    const input = openInput(
      function* () {
        yield 1;
        throw error;
      }(),
      true,
      () => {},
    );
    assert.deepEqual(input.take(5), { items: [1], failure: { error } });
    assert.equal(input.exhausted, true);
  });

  it("closes the input once when it is ended early, and not after its end", async () => {
    let closed = 0;
    const items = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => ({ done: true, value: void closed++ }),
      }),
    };
    const input = openInput(items, true, () => {});
    input.take(1);
    await input.cancel();
    await input.cancel();
    assert.equal(closed, 1);
    const read = openInput([1], true, () => {});
    read.take(2);
    await read.cancel();
  });

  it("waits for an async input, and tells when there is something to take", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const error = new Error("torn");
    const input = openInput(
      async function* () {
        yield 1;
        yield 2;
        await Promise.resolve();
        throw error;
      }(),
      true,
      resolve,
    );
    assert.deepEqual(input.take(5), { items: [] });
    await promise;
    assert.deepEqual(input.take(5), { items: [1, 2], failure: { error } });
    assert.equal(input.exhausted, true);
  });
});
