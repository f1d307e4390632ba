import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, move } from "../../mod.ts";
import { until } from "../fixtures/until.ts";
import { withPool } from "../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../fixtures/tasks/tasks.ts")>(
  new URL("../fixtures/tasks/tasks.ts", import.meta.url),
);

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length);
}

describe("transfer", () => {
  it("transfer hands over what is listed, and the caller's buffer is gone", () =>
    withPool({ workers: 1 }, async (pool) => {
      const [given, copied] = [bytesOf(1000), bytesOf(1000)];
      const options = { transfer: [given.buffer] };
      assert.equal(await pool.apply(tasks.bytesIn, [given], options), 1000);
      assert.equal(given.byteLength, 0);
      assert.equal(await pool.applyAsync(tasks.bytesIn, [copied]), 1000);
      assert.equal(copied.byteLength, 1000);
      const transfer = [copied.buffer];
      assert.equal(await pool.applyAsync(tasks.bytesIn, [copied], { transfer }), 1000);
      assert.equal(copied.byteLength, 0);
    }));

  it("transfer hands over a MessagePort, which cannot be cloned", () =>
    withPool({ workers: 1 }, async (pool) => {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise((resolve) => port1.onmessage = ({ data }) => resolve(data));
      // The parameter's type comes from outside: its source text keeps no types.
      const answer = (port: MessagePort) => {
        port.postMessage("here");
        port.close();
      };
      await pool.apply(answer, [port2], { transfer: [port2] });
      assert.equal(await answered, "here");
      port1.close();
    }));

  it("transfer(item, index) names what of each item is handed over", () =>
    withPool({ workers: 2 }, async (pool) => {
      const items = [1, 2, 3, 4, 5].map(bytesOf);
      const seen: [number, number][] = [];
      const transfer = (item: Uint8Array<ArrayBuffer>, index: number) => {
        seen.push([index, item.length]);
        return index % 2 === 0 ? [item.buffer] : [];
      };
      assert.deepEqual(await pool.map(tasks.bytesIn, items, { transfer }), [1, 2, 3, 4, 5]);
      assert.deepEqual(seen.sort(), [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]);
      assert.deepEqual(items.map((item) => item.length), [0, 2, 0, 4, 0]);
    }));

  it("transfer(item, index) works with chunkSize and in every lazy method", () =>
    withPool({ workers: 2 }, async (pool) => {
      const options = {
        chunkSize: 3,
        transfer: (item: Uint8Array<ArrayBuffer>) => [item.buffer],
      };
      const make = () => [4, 5, 6, 7].map(bytesOf);
      const [mapped, settled, streamed] = [make(), make(), make()];
      assert.deepEqual(await pool.map(tasks.bytesIn, mapped, options), [4, 5, 6, 7]);
      const outcomes = await pool.mapSettled(tasks.bytesIn, settled, options);
      assert.deepEqual(outcomes.map((it) => it.status === "fulfilled" && it.value), [4, 5, 6, 7]);
      const values: number[] = [];
      for await (const value of pool.imap(tasks.bytesIn, streamed, options)) values.push(value);
      assert.deepEqual(values, [4, 5, 6, 7]);
      for (const item of [...mapped, ...settled, ...streamed]) assert.equal(item.length, 0);
    }));

  it("transfer(item, index) of starmap gets the list of arguments", () =>
    withPool({ workers: 1 }, async (pool) => {
      const lists = [1, 2].map((length): [Uint8Array<ArrayBuffer>] => [bytesOf(length)]);
      const transfer = ([bytes]: readonly [Uint8Array]) => [bytes.buffer as ArrayBuffer];
      assert.deepEqual(await pool.starmap(tasks.bytesIn, lists, { transfer }), [1, 2]);
      assert.deepEqual(lists.map(([bytes]) => bytes.length), [0, 0]);
    }));

  it("transfer(item, index) that throws fails the task of its item alone", () =>
    withPool({ workers: 1 }, async (pool) => {
      const outcomes = await pool.mapSettled(tasks.bytesIn, [1, 2, 3].map(bytesOf), {
        transfer: (item, index) => {
          if (index === 1) throw new EvalError("not this one");
          return [item.buffer];
        },
      });
      assert.deepEqual(outcomes.map((it) => it.status), ["fulfilled", "rejected", "fulfilled"]);
      assert.ok(outcomes[1]?.status === "rejected" && outcomes[1].reason instanceof EvalError);
    }));

  it("transfer of something that cannot be transferred fails its own task", () =>
    withPool({ workers: 1 }, async (pool) => {
      // A wrong type, as JavaScript callers may pass it.
      const transfer = [{}] as never;
      await assert.rejects(pool.apply(tasks.square, [1], { transfer }));
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    }));

  it("transfer of a buffer that is gone already fails its own task", () =>
    withPool({ workers: 1 }, async (pool) => {
      const bytes = bytesOf(8);
      const options = { transfer: [bytes.buffer] };
      assert.equal(await pool.apply(tasks.bytesIn, [bytes], options), 8);
      await assert.rejects(pool.apply(tasks.bytesIn, [bytes], options));
      assert.equal(await pool.apply(tasks.bytesIn, [bytesOf(3)]), 3);
    }));
});

describe("move()", () => {
  it("move() hands a result over: nothing of it stays in the worker", () =>
    withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
      const moved = await pool.apply(tasks.moveOut, [100]);
      const copied = await pool.apply(tasks.copyOut, [200]);
      assert.deepEqual([moved.length, moved[99], copied.length], [100, 7, 200]);
      assert.deepEqual(await pool.apply(tasks.keptLengths), [0, 200]);
    }));

  for (const chunkSize of [1, 4]) {
    it(`move() works for each task of a chunk of ${chunkSize}`, () =>
      withPool({ workers: 1, idleTimeout: Infinity }, async (pool) => {
        const lengths = [1, 2, 3, 4];
        const values = await pool.map(tasks.moveOut, lengths, { chunkSize });
        assert.deepEqual(values.map((bytes) => bytes.length), lengths);
        assert.deepEqual(await pool.apply(tasks.keptLengths), [0, 0, 0, 0]);
      }));
  }

  it("move() of a value again takes the last list", () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal((await pool.apply(tasks.moveTwice)).length, 4);
    }));

  it("move() throws for a value that is no object, and for a list that is none", () =>
    withPool({ workers: 1 }, async (pool) => {
      await assert.rejects(pool.apply(tasks.moveNothing), TypeError);
      await assert.rejects(pool.apply(tasks.moveWrongly), TypeError);
    }));

  it("move() gives back the value itself, and takes nothing away on this thread", () => {
    const bytes = bytesOf(4);
    assert.equal(move(bytes, [bytes.buffer]), bytes);
    assert.equal(bytes.length, 4);
  });

  it("move() of a buffer that is gone already fails its own task, and the worker lives on", () =>
    withPool({ workers: 1 }, async (pool) => {
      const [outcome] = await pool.mapSettled(tasks.moveBadly, [3]);
      assert.equal(outcome?.status === "rejected" && outcome.reason.name, "SerializationError");
      await until(() => pool.stats().busy === 0);
      assert.equal(await pool.apply(tasks.square, [2]), 4);
    }));
});
