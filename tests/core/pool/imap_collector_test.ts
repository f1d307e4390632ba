import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ImapCollector } from "../../../core/pool/collectors.ts";

describe("ImapCollector", () => {
  it("hands outcomes out in input order, or as they come", async () => {
    for (const ordered of [true, false]) {
      const collector = new ImapCollector<number>(ordered, () => {});
      for (const index of [2, 0, 1]) collector.fulfil(index, [index]);
      collector.end();
      const values = [];
      for (let at = 0; at < 4; at++) values.push((await collector.wait().promise).value);
      assert.deepEqual(values, ordered ? [0, 1, 2, undefined] : [2, 0, 1, undefined]);
      assert.equal(collector.taken, 3);
    }
  });

  it("serves those who wait in order, without those who left", async () => {
    const collector = new ImapCollector<number>(true, () => {});
    const first = collector.wait();
    const second = collector.wait();
    const third = collector.wait();
    first.leave();
    collector.fulfil(0, [10]);
    collector.reject(1, new Error("torn"));
    assert.equal((await second.promise).value, 10);
    await assert.rejects(third.promise, /torn/);
  });

  it("ends with the error of its job, or at once when it is closed", async () => {
    const failed = new ImapCollector<number>(true, () => {});
    failed.fulfil(1, [1]);
    failed.fail(new Error("torn"));
    await assert.rejects(failed.wait().promise, /torn/);
    assert.equal((await failed.wait().promise).done, true);
    const closed = new ImapCollector<number>(true, () => {});
    closed.fulfil(0, [0]);
    closed.close();
    assert.equal((await closed.wait().promise).done, true);
  });
});
