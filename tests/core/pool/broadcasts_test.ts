import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Broadcasts } from "../../../core/pool/broadcasts.ts";
import { newPost } from "./silent_worker.ts";
import { tracedJob } from "./traced_job.ts";

const jobOf = (...items: string[]) => tracedJob(items, { pinned: true }).job;

describe("Broadcasts", () => {
  it("owe each worker one task of each, in the order in which they began", () => {
    const broadcasts = new Broadcasts();
    const slots = [newPost("w-1").slot, newPost("w-2").slot];
    broadcasts.begin(jobOf("a", "b"), slots);
    broadcasts.begin(jobOf("c", "d"), slots);
    const given = [0, 1, 1, 0, 0].map((at) => {
      const slot = slots[at];
      return slot && broadcasts.taskFor(slot)?.items[0];
    });
    assert.deepEqual(given, ["a", "b", "c", "d", undefined]);
    assert.deepEqual(slots.map((slot) => broadcasts.owes(slot)), [false, false]);
  });

  it("give each worker that comes one of the tasks that lost theirs, in order", () => {
    const broadcasts = new Broadcasts();
    const gone = newPost("w-1").slot;
    for (const job of [jobOf("a"), jobOf("b")]) broadcasts.begin(job, [gone]);
    broadcasts.gone(gone);
    assert.deepEqual([broadcasts.hasUnplaced, broadcasts.owes(gone)], [true, false]);
    const given = ["w-2", "w-3", "w-4"].map((name) => {
      const { slot } = newPost(name);
      broadcasts.giveTo(slot);
      return broadcasts.taskFor(slot)?.items[0];
    });
    assert.deepEqual(given, ["a", "b", undefined]);
    assert.equal(broadcasts.hasUnplaced, false);
  });

  it("forget those of a job that is over, wherever they stand", () => {
    const broadcasts = new Broadcasts();
    const { slot } = newPost("w-1");
    const gone = newPost("w-2").slot;
    const [over, lives] = [jobOf("a", "b"), jobOf("c")];
    broadcasts.begin(over, [slot, gone]);
    broadcasts.begin(lives, [slot]);
    broadcasts.gone(gone);
    over.cancel();
    assert.equal(broadcasts.hasUnplaced, false);
    broadcasts.giveTo(slot);
    assert.deepEqual(broadcasts.taskFor(slot)?.items, ["c"]);
    assert.equal(broadcasts.owes(slot), false);
  });
});
