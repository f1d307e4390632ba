import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job, JobChunk, JobOwner } from "../../../core/pool/job.ts";
import { tracedJob } from "./traced_job.ts";

/** An owner that notes who asked for what. */
function makeOwner(): JobOwner & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    wake: () => void heard.push("wake"),
    unsure: () => void heard.push("unsure"),
    over: () => void heard.push("over"),
    settled: () => {},
    held: () => {},
  };
}

/** Takes a chunk, and has its tasks give their items. */
function run(job: Job, limit: number): JobChunk | undefined {
  const chunk = job.take(limit);
  if (chunk === undefined) return undefined;
  chunk.fulfil(chunk.items);
  job.advance();
  return chunk;
}

/** The numbers from 1 to 3, and what is done with them. */
function* watched(log: string[]): Generator<number> {
  for (let n = 1; n <= 3; n++) {
    log.push(`reads ${n}`);
    yield n;
  }
  log.push("ends");
}

describe("Job", () => {
  it("is unsure once all that it gave is done, and over once its input has no more", () => {
    const owner = makeOwner();
    const { job, endings } = tracedJob(watched([]));
    job.attach(owner);
    run(job, 3);
    assert.deepEqual([endings, owner.heard], [[], ["unsure", "unsure"]]);
    job.probe();
    assert.deepEqual([endings, owner.heard.at(-1)], [[["end"]], "over"]);
  });

  it("probe() reads one item and cuts no chunk by that", () => {
    const log: string[] = [];
    const { job, endings } = tracedJob(watched(log));
    job.attach(makeOwner());
    run(job, 1);
    job.probe();
    job.probe();
    assert.deepEqual(log, ["reads 1", "reads 2"]);
    assert.deepEqual(run(job, 2)?.items, [2, 3]);
    job.probe();
    assert.deepEqual(endings, [["end"]]);
  });

  it("probe() asks nothing while tasks are at work, or wait to be given again", () => {
    const log: string[] = [];
    const { job } = tracedJob(watched(log));
    job.attach(makeOwner());
    const chunk = job.take(1);
    job.probe();
    assert.ok(chunk);
    job.takeBack(chunk);
    job.probe();
    assert.deepEqual(log, ["reads 1"]);
  });

  it("probe() asks nothing while the buffer is full", () => {
    const log: string[] = [];
    const { job } = tracedJob(watched(log), { bufferSize: () => 1 });
    job.attach(makeOwner());
    run(job, 1);
    job.probe();
    assert.deepEqual(log, ["reads 1"]);
  });

  it("probe() tells onProgress of what is done before it ends the job", () => {
    const seen: unknown[] = [];
    const { job, endings } = tracedJob(watched([]), {
      onProgress: (progress) => seen.push({ ...progress, endings: endings.length }),
    });
    job.attach(makeOwner());
    const chunk = job.take(3);
    assert.ok(chunk);
    chunk.fulfil(chunk.items);
    job.probe();
    assert.deepEqual([seen, endings], [[{ done: 3, total: 3, endings: 0 }], [["end"]]]);
  });

  it("probe() may find that the input ends the job", () => {
    const error = new Error("enough");
    let closed = 0;
    function* items(): Generator<number> {
      try {
        yield 1;
        traced.job.fail(error);
        yield 2;
      } finally {
        closed++;
      }
    }
    const traced = tracedJob(items());
    traced.job.attach(makeOwner());
    run(traced.job, 1);
    traced.job.probe();
    assert.deepEqual([traced.endings, closed], [[["fail", error]], 1]);
    assert.equal(traced.job.take(1), undefined);
  });

  it("wake() of a job of which all is done makes it unsure", () => {
    const owner = makeOwner();
    const { job } = tracedJob(watched([]));
    job.attach(owner);
    job.take(1);
    job.wake();
    assert.deepEqual(owner.heard, ["unsure", "wake"]);
  });
});
