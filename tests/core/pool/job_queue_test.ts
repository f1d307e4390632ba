import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../../core/pool/job.ts";
import type { JobPolicy } from "../../../core/pool/policy.ts";
import { JobQueue } from "../../../core/pool/job_queue.ts";
import { functionOf, tracedJob } from "./traced_job.ts";

const jobOf = (priority = 0, tasks = 1): Job =>
  tracedJob(Array.from({ length: tasks }, (_, at) => at), { priority }).job;

const callOf = (policy: Partial<JobPolicy> = {}, fn = functionOf("call"), tasks = 1): Job =>
  tracedJob(Array.from({ length: tasks }, (_, at) => at), { counted: true, ...policy }, fn).job;

/** Has so many jobs in turn give one task each, and names them. */
function give(queue: JobQueue, times: number): Job[] {
  const jobs: Job[] = [];
  while (jobs.length < times) {
    const job = queue.peek();
    assert(job, `no job is left after ${jobs.length}`);
    const isNew = job.returned === 0;
    assert(job.take(1), `nothing to give after ${jobs.length}`);
    queue.gave(job, 1, isNew);
    jobs.push(job);
  }
  return jobs;
}

/** Takes out all jobs, in turn. */
function drain(queue: JobQueue): Job[] {
  const jobs: Job[] = [];
  for (let job = queue.peek(); job !== undefined; job = queue.peek()) {
    jobs.push(job);
    queue.shift();
  }
  return jobs;
}

describe("JobQueue", () => {
  it("peek() gives the highest priority first, first come first served within one", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const [low, first, high, second, lowest] = [-1, 0, 5, 0, -7].map((priority) => jobOf(priority));
    assert(low && first && high && second && lowest);
    for (const job of [low, first, high, second, lowest]) queue.push(job);
    assert.deepEqual(drain(queue), [high, first, second, low, lowest]);
  });

  it("unshift() puts a job before those of its own priority alone", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const [high, first, again] = [jobOf(1), jobOf(), jobOf()];
    queue.push(high);
    queue.push(first);
    queue.unshift(again);
    assert.deepEqual(drain(queue), [high, again, first]);
  });

  it("push() leaves a job where it stands, unshift() brings it to the front, both take it again", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const [first, second, third] = [jobOf(), jobOf(), jobOf()];
    for (const job of [first, second, third, first]) queue.push(job);
    queue.unshift(third);
    assert.deepEqual(drain(queue), [third, first, second]);
    queue.push(first);
    queue.unshift(second);
    assert.deepEqual(drain(queue), [second, first]);
  });

  it("gave() ends the turn of a job, and of calls once they make up a chunk", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const fn = functionOf("half", 0.5);
    const [map, stream] = [jobOf(0, 9), jobOf(0, 9)];
    const calls = Array.from({ length: 6 }, () => callOf({}, fn));
    for (const job of [map, ...calls, stream]) queue.push(job);
    const [c1, c2, c3, c4, c5, c6] = calls;
    assert.deepEqual(give(queue, 11), [
      ...[map, c1, c2, c3, c4, stream],
      ...[map, c5, c6, stream, map],
    ]);
  });

  it("gave() ends the turn of calls after one of a function never measured", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const map = jobOf(0, 9);
    const [small, unknown, next] = [
      callOf({}, functionOf("small", 0.001)),
      callOf(),
      callOf(),
    ];
    for (const job of [small, unknown, next, map]) queue.push(job);
    assert.deepEqual(give(queue, 5), [small, unknown, map, next, map]);
  });

  it("gave() ends the turn of calls that take no measurable time", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const fn = functionOf("nothing", 0);
    const map = jobOf(0, 3);
    const calls = Array.from({ length: 10_000 }, () => callOf({}, fn));
    for (const job of [...calls, map]) queue.push(job);
    const given = give(queue, 10_000);
    assert(given.indexOf(map) < 9000, `after ${given.indexOf(map)} calls`);
  });

  it("limitFor() lets a run of calls give no more than is left of its turn, unless it is alone", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const fn = functionOf("half", 0.5);
    const [first, second] = [callOf({}, fn, 3), callOf({}, fn, 9)];
    queue.push(first);
    queue.push(second);
    assert.equal(queue.limitFor(first), Infinity);
    queue.push(jobOf(0, 9));
    assert.equal(queue.limitFor(first), 4);
    first.take(3);
    queue.gave(first, 3, true);
    assert.equal(queue.peek(), second);
    assert.equal(queue.limitFor(second), 1);
  });

  it("push() lets a new job in after all others, calls too once none is left", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const [one, two, three] = [jobOf(0, 9), jobOf(0, 9), jobOf(0, 9)];
    const [call, later] = [callOf(), callOf()];
    for (const job of [one, call, two]) queue.push(job);
    assert.deepEqual(give(queue, 4), [one, call, two, one]);
    queue.push(later);
    queue.push(three);
    assert.deepEqual(give(queue, 6), [two, one, later, three, two, one]);
  });

  it("shift() makes a job lose one turn only: it keeps its place in the round", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const [one, two, three] = [jobOf(0, 9), jobOf(0, 9), jobOf(0, 9)];
    for (const job of [one, two, three]) queue.push(job);
    queue.shift();
    assert.deepEqual(give(queue, 1), [two]);
    queue.push(one);
    assert.deepEqual(give(queue, 4), [three, one, two, three]);
    queue.shift();
    assert.deepEqual(give(queue, 3), [two, three, two]);
    queue.push(one);
    assert.deepEqual(give(queue, 4), [one, three, two, one]);
  });

  it("unshift() has what returns go first, and does not count that as a turn", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const [one, two] = [jobOf(0, 9), jobOf(0, 9)];
    for (const job of [one, two]) queue.push(job);
    const returned = [two.take(1), two.take(1)];
    for (const chunk of returned) chunk && two.takeBack(chunk);
    queue.unshift(two);
    assert.deepEqual(give(queue, 6), [two, two, one, two, one, two]);
  });

  it("unshift() keeps calls that return in their order, and has them go first", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const calls = Array.from({ length: 6 }, () => callOf());
    const map = jobOf(0, 9);
    for (const job of [map, ...calls]) queue.push(job);
    const chunks = new Map(calls.slice(0, 4).map((call) => [call, call.take(1)]));
    for (let given = 0; given < 4; given++) {
      const call = calls[given];
      if (queue.peek() === map) queue.gave(map, 1, true);
      if (call !== undefined) queue.gave(call, 1, true);
    }
    // As two workers give back what they have, each the last first.
    for (const at of [2, 0, 3, 1]) {
      const call = calls[at];
      const chunk = call && chunks.get(call);
      if (chunk !== undefined) call?.takeBack(chunk);
      if (call !== undefined) queue.unshift(call);
    }
    const [c1, c2, c3, c4, c5, c6] = calls;
    assert.deepEqual(give(queue, 8), [c1, c2, c3, c4, map, c5, map, c6]);
  });

  it("forget() takes calls out of the middle, and the count of those that wait", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const calls = Array.from({ length: 10 }, (_, at) => callOf({ priority: at % 2 }));
    for (const call of calls) queue.push(call);
    for (const call of calls.slice(1, 9)) {
      call.cancel();
      queue.forget(call);
      queue.forget(call);
    }
    assert.equal(queue.demand(100), 2);
    assert.equal(queue.demand(1), 1);
    assert.deepEqual(drain(queue), [calls[9], calls[0]]);
    assert.equal(queue.demand(100), 0);
  });

  it("peek() passes over jobs that are over, and shift() of an empty queue does nothing", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const jobs = Array.from({ length: 4 }, () => jobOf());
    for (const job of jobs) queue.push(job);
    jobs[0]?.cancel();
    jobs[2]?.cancel();
    assert.deepEqual(drain(queue), [jobs[1], jobs[3]]);
    queue.shift();
    assert.equal(queue.peek(), undefined);
  });

  it("forget() loses none of the living, however many die", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    const jobs = Array.from({ length: 100 }, (_, at) => jobOf(at % 3));
    for (const job of jobs) queue.push(job);
    const dead = jobs.filter((_, at) => at % 5 !== 0);
    for (const job of dead) {
      job.cancel();
      queue.forget(job);
    }
    queue.forget(jobOf());
    const living = jobs.filter(({ over }) => !over);
    const expected = living.toSorted((a, b) => b.policy.priority - a.policy.priority);
    assert.deepEqual(drain(queue), expected);
  });

  it("demand() counts the tasks that wait, no further than the limit", () => {
    const queue = new JobQueue({ workers: 1, chunkMs: 2 });
    assert.equal(queue.demand(10), 0);
    queue.push(jobOf(0, 3));
    queue.push(jobOf(1, 2));
    assert.equal(queue.demand(10), 5);
    assert.equal(queue.demand(4), 4);
    queue.peek()?.cancel();
    assert.equal(queue.demand(10), 3);
  });
});
