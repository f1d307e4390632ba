import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Dispatcher } from "../../../core/pool/dispatcher.ts";
import type { JobChunk, JobPolicy } from "../../../core/pool/job.ts";
import { lossOf, Salvage } from "../../../core/pool/salvage.ts";
import { WorkerLostError } from "../../../errors.ts";
import { FakeTime } from "./fake_time.ts";
import { beginTasks, newPost, type Post } from "./silent_worker.ts";
import { countingOwner, type TracedJob, tracedJob } from "./traced_job.ts";

/** One chunk at a worker that is about to die. */
class Wreck {
  readonly owner = countingOwner();
  readonly post: Post = newPost();
  readonly traced: TracedJob;
  readonly chunk: JobChunk;
  readonly progress: unknown[] = [];
  readonly error = new WorkerLostError("gone", { workerName: "w-1" });
  /** The worker that takes over. */
  readonly rescue: Post = newPost("w-9");
  readonly dispatcher = new Dispatcher(
    new Set([this.rescue.slot]),
    { workers: 1, readsAhead: true },
    new FakeTime(),
  );
  readonly #salvage: Salvage;

  constructor(count: number, policy: Partial<JobPolicy> = {}) {
    const items = Array.from({ length: count }, (_, at) => at);
    const onProgress = (progress: unknown) => void this.progress.push(progress);
    this.traced = tracedJob(items, { chunkSize: count, onProgress, ...policy });
    this.traced.job.attach(this.owner);
    this.#salvage = new Salvage(this.dispatcher);
    this.chunk = this.take();
    this.post.slot.give(this.chunk);
  }

  take(): JobChunk {
    const chunk = this.traced.job.take(9);
    assert(chunk, "the job has nothing to give");
    return chunk;
  }

  begin(count: number): void {
    beginTasks(this.post, this.chunk, count);
  }

  /** A worker dies: the first, unless the test brings another. */
  die(post: Post = this.post): void {
    this.#salvage.salvage(post.slot, this.error);
    assert.equal(post.slot.chunks.length, 0);
  }
}

describe("Salvage.salvage()", () => {
  it("loses what had begun without an outcome, and has the rest run elsewhere", () => {
    const wreck = new Wreck(5);
    wreck.begin(3);
    wreck.chunk.fulfil(["value"]);
    wreck.die();
    assert.deepEqual(wreck.traced.values, [[0, "value"]]);
    assert.deepEqual(wreck.traced.errors, [[1, wreck.error], [2, wreck.error]]);
    const { completed, failed, lost } = wreck.owner.outcomes;
    assert.deepEqual([completed, failed, lost], [1, 0, 2]);
    const rest = wreck.take();
    assert.deepEqual([rest.first, rest.items], [3, [3, 4]]);
    assert.deepEqual(wreck.traced.endings, []);
    rest.fulfil([3, 4]);
    rest.job.advance();
    assert.deepEqual(wreck.traced.endings, [["end"]]);
  });

  it("reruns a task as often as its retries say, and counts for that task alone", () => {
    const wreck = new Wreck(2, { retries: 1 });
    wreck.begin(1);
    wreck.die();
    assert.deepEqual(wreck.traced.errors, []);
    const again = wreck.take();
    assert.deepEqual([again.items, again.losses], [[0], 1]);
    const other = wreck.take();
    assert.deepEqual([other.items, other.losses], [[1], 0]);
    const next = newPost("w-2");
    next.slot.give(again);
    next.slot.give(other);
    beginTasks(next, again);
    wreck.die(next);
    assert.deepEqual(wreck.traced.errors, [[0, wreck.error]]);
    assert.deepEqual(wreck.take().items, [1]);
  });

  it("loses all of what was transferred, whatever its retries", () => {
    const wreck = new Wreck(3, { retries: 5, transfer: () => [] });
    wreck.begin(1);
    wreck.die();
    assert.deepEqual(wreck.traced.errors.map(([at]) => at), [0, 1, 2]);
    assert.equal(wreck.owner.outcomes.lost, 3);
    assert.deepEqual(wreck.traced.endings, [["end"]]);
  });

  it("gives a chunk up under which three workers died before they began it", () => {
    const wreck = new Wreck(2);
    wreck.die();
    for (const name of ["w-2", "w-3"]) {
      assert.deepEqual(wreck.traced.errors, []);
      const post = newPost(name);
      post.slot.give(wreck.take());
      wreck.die(post);
    }
    assert.deepEqual(wreck.traced.errors, [[0, wreck.error], [1, wreck.error]]);
    assert.deepEqual(wreck.traced.endings, [["end"]]);
  });

  it("blames no chunk that waited behind another", () => {
    const wreck = new Wreck(1);
    const waiting = tracedJob(["waiting"]);
    let post = wreck.post;
    for (const name of ["w-2", "w-3", "w-4", "w-5"]) {
      const chunk = waiting.job.take(1);
      assert(chunk, "the chunk behind was given up");
      post.slot.give(chunk);
      if (post === wreck.post) wreck.begin(1);
      else beginTasks(post, post.slot.chunks[0] ?? chunk);
      wreck.die(post);
      post = newPost(name);
      const first = tracedJob(["first"]).job.take(1);
      if (first !== undefined) post.slot.give(first);
    }
    assert.deepEqual(waiting.errors, []);
  });

  it("has chunks run again in the order of their tasks", () => {
    const wreck = new Wreck(2, { chunkSize: 2 });
    const more = tracedJob([0, 1, 2, 3]);
    const chunks = [more.job.take(2), more.job.take(2)];
    for (const chunk of chunks) if (chunk !== undefined) wreck.post.slot.give(chunk);
    wreck.die();
    assert.deepEqual([more.job.take(2)?.items, more.job.take(2)?.items], [[0, 1], [2, 3]]);
  });

  it("has jobs run again in the order in which the worker had them", () => {
    const wreck = new Wreck(1);
    wreck.begin(1);
    for (const item of ["a", "b"]) {
      const chunk = tracedJob([item]).job.take(1);
      if (chunk !== undefined) wreck.post.slot.give(chunk);
    }
    wreck.die();
    wreck.dispatcher.dispatch();
    wreck.rescue.slot.end();
    wreck.dispatcher.dispatch();
    assert.deepEqual(wreck.rescue.worker.items, [["a"], ["b"]]);
  });

  it("leaves a broadcast's task to another worker, unless it had begun", () => {
    const waiting = new Wreck(1, { pinned: true });
    waiting.die();
    const { broadcasts } = waiting.dispatcher;
    assert.deepEqual([waiting.traced.errors, waiting.traced.endings], [[], []]);
    const next = newPost("w-2");
    broadcasts.giveTo(next.slot);
    assert.deepEqual(broadcasts.taskFor(next.slot)?.items, [0]);
    const begun = new Wreck(1, { pinned: true });
    begun.begin(1);
    begun.die();
    assert.equal(begun.dispatcher.broadcasts.hasUnplaced, false);
    assert.deepEqual(begun.traced.endings, [["end"]]);
  });

  it("leaves what the worker was owed of broadcasts to another", () => {
    const wreck = new Wreck(1);
    const { broadcasts } = wreck.dispatcher;
    broadcasts.begin(tracedJob(["p"], { pinned: true }).job, [wreck.post.slot]);
    wreck.die();
    assert.deepEqual([broadcasts.hasUnplaced, broadcasts.owes(wreck.post.slot)], [true, false]);
  });

  it("skips the rest of a chunk in which a task failed, if an error ends its chunk", () => {
    for (const stopOnError of [true, false]) {
      const wreck = new Wreck(3, { stopOnError });
      wreck.begin(1);
      wreck.chunk.reject(0, new RangeError("odd"));
      wreck.die();
      assert.equal(wreck.traced.errors.length, 1);
      if (stopOnError) {
        assert.deepEqual(wreck.progress, [{ done: 3, total: 3 }]);
        assert.deepEqual(wreck.traced.endings, [["end"]]);
      } else assert.deepEqual(wreck.take().items, [1, 2]);
    }
  });

  it("does not skip the rest of a chunk for a task that was lost", () => {
    const wreck = new Wreck(3, { stopOnError: true });
    wreck.begin(1);
    wreck.die();
    assert.deepEqual(wreck.take().items, [1, 2]);
    assert.deepEqual(wreck.progress, [{ done: 1, total: 3 }]);
  });

  it("has nothing run of a job that is over", () => {
    const wreck = new Wreck(3, { retries: 1 });
    wreck.begin(1);
    wreck.traced.job.cancel();
    wreck.die();
    assert.equal(wreck.traced.job.take(9), undefined);
    assert.equal(wreck.owner.outcomes.lost, 0);
  });
});

describe("lossOf()", () => {
  it("names the worker, its exit code, and the task only if one was running", () => {
    const wreck = new Wreck(2);
    const { post, chunk } = wreck;
    const idle = lossOf(post.slot, { exitCode: 3 });
    assert.deepEqual([idle.task, idle.workerName, idle.exitCode], [undefined, "w-1", 3]);
    wreck.begin(1);
    const running = lossOf(post.slot, {});
    assert.equal(running.task, "f");
    assert.match(running.message, /task 'f'.*w-1.*exit code unknown/);
    chunk.next = 1;
    assert.equal(lossOf(post.slot, {}).task, undefined);
  });

  it("keeps the cause", () => {
    const cause = new RangeError("heap");
    const error = lossOf(newPost().slot, { cause });
    assert.equal(error.cause, cause);
    assert.match(error.message, /heap/);
  });
});

describe("Chunk", () => {
  it("has each of its outcomes counted once, and none of a job that is over", () => {
    const { owner, chunk, traced, error } = new Wreck(4);
    chunk.fulfil(["value"]);
    chunk.reject(1, new Error("odd"));
    chunk.lose(2, error);
    assert.deepEqual([chunk.next, chunk.failed], [3, true]);
    traced.job.cancel();
    chunk.fulfil(["late"]);
    assert.deepEqual(owner.outcomes, { completed: 1, failed: 1, lost: 1 });
    assert.deepEqual(traced.values, [[0, "value"]]);
  });

  it("lose() does not make it one that failed", () => {
    const { chunk, error } = new Wreck(1);
    chunk.lose(0, error);
    assert.equal(chunk.failed, false);
  });
});
