import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Dispatcher } from "../../../core/pool/dispatcher.ts";
import type { JobChunk } from "../../../core/pool/job.ts";
import type { JobPolicy } from "../../../core/pool/policy.ts";
import { WorkerLostError } from "../../../errors.ts";
import { FakeTime } from "./fake_time.ts";
import { beginTasks, LIMITS, newPost, type Post } from "./silent_thread.ts";
import { countingOwner, type TracedJob, tracedJob } from "./traced_job.ts";

/** One chunk at a worker that is about to be gone. */
class Loss {
  readonly owner = countingOwner();
  readonly post: Post = newPost();
  readonly traced: TracedJob;
  readonly chunk: JobChunk;
  readonly progress: unknown[] = [];
  readonly error = new WorkerLostError("gone", { workerName: "w-1" });
  /** The worker that takes over. */
  readonly rescue: Post = newPost("w-9");
  readonly dispatcher = new Dispatcher(
    new Set([this.rescue.worker]),
    LIMITS,
    new FakeTime(),
    () => {},
  );

  constructor(count: number, policy: Partial<JobPolicy> = {}) {
    const items = Array.from({ length: count }, (_, at) => at);
    const onProgress = (progress: unknown) => void this.progress.push(progress);
    this.traced = tracedJob(items, { chunkSize: count, onProgress, ...policy });
    this.traced.job.attach(this.owner);
    this.chunk = this.take();
    this.post.worker.backlog.add(this.chunk);
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
    post.worker.backlog.lose(this.error, (chunk) => this.dispatcher.requeue(chunk));
    assert.equal(post.worker.backlog.chunks.length, 0);
  }
}

describe("Backlog.lose()", () => {
  it("loses what had begun without an outcome, and has the rest run elsewhere", () => {
    const loss = new Loss(5);
    loss.begin(3);
    loss.chunk.fulfil(["value"]);
    loss.die();
    assert.deepEqual(loss.traced.values, [[0, "value"]]);
    assert.deepEqual(loss.traced.errors, [[1, loss.error], [2, loss.error]]);
    const { completed, failed, lost } = loss.owner.outcomes;
    assert.deepEqual([completed, failed, lost], [1, 0, 2]);
    const rest = loss.take();
    assert.deepEqual([rest.first, rest.items], [3, [3, 4]]);
    assert.deepEqual(loss.traced.endings, []);
    rest.fulfil([3, 4]);
    rest.job.advance();
    assert.deepEqual(loss.traced.endings, [["end"]]);
  });

  it("reruns a task as often as its retries say, and counts for that task alone", () => {
    const loss = new Loss(2, { retries: 1 });
    loss.begin(1);
    loss.die();
    assert.deepEqual(loss.traced.errors, []);
    const again = loss.take();
    assert.deepEqual([again.items, again.losses], [[0], 1]);
    const other = loss.take();
    assert.deepEqual([other.items, other.losses], [[1], 0]);
    const next = newPost("w-2");
    next.worker.backlog.add(again);
    next.worker.backlog.add(other);
    beginTasks(next, again);
    loss.die(next);
    assert.deepEqual(loss.traced.errors, [[0, loss.error]]);
    assert.deepEqual(loss.take().items, [1]);
  });

  it("loses all of what was transferred, whatever its retries", () => {
    const loss = new Loss(3, { retries: 5, transfer: () => [] });
    loss.begin(1);
    loss.die();
    assert.deepEqual(loss.traced.errors.map(([at]) => at), [0, 1, 2]);
    assert.equal(loss.owner.outcomes.lost, 3);
    assert.deepEqual(loss.traced.endings, [["end"]]);
  });

  it("gives a chunk up under which three workers died before they began it", () => {
    const loss = new Loss(2);
    loss.die();
    for (const name of ["w-2", "w-3"]) {
      assert.deepEqual(loss.traced.errors, []);
      const post = newPost(name);
      post.worker.backlog.add(loss.take());
      loss.die(post);
    }
    assert.deepEqual(loss.traced.errors, [[0, loss.error], [1, loss.error]]);
    assert.deepEqual(loss.traced.endings, [["end"]]);
  });

  it("blames no chunk that waited behind another", () => {
    const loss = new Loss(1);
    const waiting = tracedJob(["waiting"]);
    let post = loss.post;
    for (const name of ["w-2", "w-3", "w-4", "w-5"]) {
      const chunk = waiting.job.take(1);
      assert(chunk, "the chunk behind was given up");
      post.worker.backlog.add(chunk);
      if (post === loss.post) loss.begin(1);
      else beginTasks(post, post.worker.backlog.chunks[0] ?? chunk);
      loss.die(post);
      post = newPost(name);
      const first = tracedJob(["first"]).job.take(1);
      if (first !== undefined) post.worker.backlog.add(first);
    }
    assert.deepEqual(waiting.errors, []);
  });

  it("has chunks run again in the order of their tasks", () => {
    const loss = new Loss(2, { chunkSize: 2 });
    const more = tracedJob([0, 1, 2, 3]);
    const chunks = [more.job.take(2), more.job.take(2)];
    for (const chunk of chunks) if (chunk !== undefined) loss.post.worker.backlog.add(chunk);
    loss.die();
    assert.deepEqual([more.job.take(2)?.items, more.job.take(2)?.items], [[0, 1], [2, 3]]);
  });

  it("has jobs run again in the order in which the worker had them", () => {
    const loss = new Loss(1);
    loss.begin(1);
    for (const item of ["a", "b"]) {
      const chunk = tracedJob([item]).job.take(1);
      if (chunk !== undefined) loss.post.worker.backlog.add(chunk);
    }
    loss.die();
    loss.dispatcher.dispatch();
    loss.rescue.worker.backlog.end();
    loss.dispatcher.dispatch();
    assert.deepEqual(loss.rescue.thread.items, [["a"], ["b"]]);
  });

  it("leaves a broadcast's task to another worker, unless it had begun", () => {
    const waiting = new Loss(1, { bound: true });
    waiting.die();
    const { broadcasts } = waiting.dispatcher;
    assert.deepEqual([waiting.traced.errors, waiting.traced.endings], [[], []]);
    const next = newPost("w-2");
    broadcasts.giveTo(next.worker);
    assert.deepEqual(broadcasts.taskFor(next.worker)?.items, [0]);
    const begun = new Loss(1, { bound: true });
    begun.begin(1);
    begun.die();
    assert.equal(begun.dispatcher.broadcasts.hasUnplaced, false);
    assert.deepEqual(begun.traced.endings, [["end"]]);
  });

  it("skips the rest of a chunk in which a task failed, if an error ends its chunk", () => {
    for (const stopOnError of [true, false]) {
      const loss = new Loss(3, { stopOnError });
      loss.begin(1);
      loss.chunk.reject(0, new RangeError("odd"));
      loss.die();
      assert.equal(loss.traced.errors.length, 1);
      if (stopOnError) {
        assert.deepEqual(loss.progress, [{ done: 3, total: 3 }]);
        assert.deepEqual(loss.traced.endings, [["end"]]);
      } else assert.deepEqual(loss.take().items, [1, 2]);
    }
  });

  it("does not skip the rest of a chunk for a task that was lost", () => {
    const loss = new Loss(3, { stopOnError: true });
    loss.begin(1);
    loss.die();
    assert.deepEqual(loss.take().items, [1, 2]);
    assert.deepEqual(loss.progress, [{ done: 1, total: 3 }]);
  });

  it("has nothing run of a job that is over", () => {
    const loss = new Loss(3, { retries: 1 });
    loss.begin(1);
    loss.traced.job.cancel();
    loss.die();
    assert.equal(loss.traced.job.take(9), undefined);
    assert.equal(loss.owner.outcomes.lost, 0);
  });
});

describe("Chunk", () => {
  it("has each of its outcomes counted once, and none of a job that is over", () => {
    const { owner, chunk, traced, error } = new Loss(4);
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
    const { chunk, error } = new Loss(1);
    chunk.lose(0, error);
    assert.equal(chunk.failed, false);
  });
});
