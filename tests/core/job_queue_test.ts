import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../core/job.ts";
import { JobQueue } from "../../core/job_queue.ts";
import { tracedJob } from "./traced_job.ts";

const jobOf = (priority = 0, tasks = 1): Job =>
  tracedJob(Array.from({ length: tasks }, (_, at) => at), { priority }).job;

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
    const queue = new JobQueue();
    const [low, first, high, second, lowest] = [-1, 0, 5, 0, -7].map((priority) => jobOf(priority));
    assert(low && first && high && second && lowest);
    for (const job of [low, first, high, second, lowest]) queue.push(job);
    assert.deepEqual(drain(queue), [high, first, second, low, lowest]);
  });

  it("unshift() puts a job before those of its own priority alone", () => {
    const queue = new JobQueue();
    const [high, first, again] = [jobOf(1), jobOf(), jobOf()];
    queue.push(high);
    queue.push(first);
    queue.unshift(again);
    assert.deepEqual(drain(queue), [high, again, first]);
  });

  it("push() and unshift() leave a job where it stands already, and take it again later", () => {
    const queue = new JobQueue();
    const [first, second] = [jobOf(), jobOf()];
    queue.push(first);
    queue.push(second);
    queue.push(first);
    queue.unshift(second);
    assert.deepEqual(drain(queue), [first, second]);
    queue.push(first);
    assert.deepEqual(drain(queue), [first]);
  });

  it("peek() passes over jobs that are over, and shift() of an empty queue does nothing", () => {
    const queue = new JobQueue();
    const jobs = Array.from({ length: 4 }, () => jobOf());
    for (const job of jobs) queue.push(job);
    jobs[0]?.cancel();
    jobs[2]?.cancel();
    assert.deepEqual(drain(queue), [jobs[1], jobs[3]]);
    queue.shift();
    assert.equal(queue.peek(), undefined);
  });

  it("forget() loses none of the living, however many die", () => {
    const queue = new JobQueue();
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
    const queue = new JobQueue();
    assert.equal(queue.demand(10), 0);
    queue.push(jobOf(0, 3));
    queue.push(jobOf(1, 2));
    assert.equal(queue.demand(10), 5);
    assert.equal(queue.demand(4), 4);
    queue.peek()?.cancel();
    assert.equal(queue.demand(10), 3);
  });
});
