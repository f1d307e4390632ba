import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Broadcasts } from "../../../core/pool/job_queue.ts";
import { newPost } from "./silent_thread.ts";
import { tracedJob } from "./traced_job.ts";

const jobOf = (...items: string[]) => tracedJob(items, { bound: true }).job;

describe("Broadcasts", () => {
  it("owe each worker one task of each, in the order in which they began", () => {
    const broadcasts = new Broadcasts();
    const workers = [newPost("w-1").worker, newPost("w-2").worker];
    broadcasts.begin(jobOf("a", "b"), workers);
    broadcasts.begin(jobOf("c", "d"), workers);
    const given = [0, 1, 1, 0, 0].map((at) => {
      const worker = workers[at];
      return worker && broadcasts.taskFor(worker)?.items[0];
    });
    assert.deepEqual(given, ["a", "b", "c", "d", undefined]);
    assert.deepEqual(workers.map((worker) => broadcasts.owes(worker)), [false, false]);
  });

  it("give each worker that comes one of the tasks that lost theirs, in order", () => {
    const broadcasts = new Broadcasts();
    const gone = newPost("w-1").worker;
    for (const job of [jobOf("a"), jobOf("b")]) broadcasts.begin(job, [gone]);
    broadcasts.gone(gone);
    assert.deepEqual([broadcasts.hasUnplaced, broadcasts.owes(gone)], [true, false]);
    const given = ["w-2", "w-3", "w-4"].map((name) => {
      const { worker } = newPost(name);
      broadcasts.giveTo(worker);
      return broadcasts.taskFor(worker)?.items[0];
    });
    assert.deepEqual(given, ["a", "b", undefined]);
    assert.equal(broadcasts.hasUnplaced, false);
  });

  it("forget those of a job that is over, wherever they stand", () => {
    const broadcasts = new Broadcasts();
    const { worker } = newPost("w-1");
    const gone = newPost("w-2").worker;
    const [over, lives] = [jobOf("a", "b"), jobOf("c")];
    broadcasts.begin(over, [worker, gone]);
    broadcasts.begin(lives, [worker]);
    broadcasts.gone(gone);
    over.cancel();
    assert.equal(broadcasts.hasUnplaced, false);
    broadcasts.giveTo(worker);
    assert.deepEqual(broadcasts.taskFor(worker)?.items, ["c"]);
    assert.equal(broadcasts.owes(worker), false);
  });
});
