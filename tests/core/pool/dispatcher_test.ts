import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Dispatcher } from "../../../core/pool/dispatcher.ts";
import type { JobPolicy } from "../../../core/pool/policy.ts";
import { FakeTime } from "./fake_time.ts";
import { beginTasks, bringUp, LIMITS, newPost, type Post, SilentThread } from "./silent_thread.ts";
import { functionOf, tracedJob } from "./traced_job.ts";

/** A dispatcher to certain workers, and the clock of its alarm. */
function timedDispatcherOf(posts: Post[], workers = posts.length): [Dispatcher, FakeTime] {
  const time = new FakeTime();
  const limits = { ...LIMITS, workers };
  const set = new Set(posts.map(({ worker }) => worker));
  return [new Dispatcher(set, limits, time, () => {}), time];
}

/** A dispatcher to certain workers. */
function dispatcherOf(...posts: Post[]): Dispatcher {
  return timedDispatcherOf(posts)[0];
}

/** Has the alarm ring that is set as long as there is something to look after. */
function ring([dispatcher, time]: [Dispatcher, FakeTime]): void {
  dispatcher.setAlarm();
  time.ring();
}

/** The worker's only chunk, or its first. */
function firstChunk({ worker }: Post) {
  const [chunk] = worker.backlog.chunks;
  assert(chunk, `${worker.name} has no chunk`);
  return chunk;
}

/** The worker's first chunk ends, with a value for each task. */
function endFirst(post: Post): void {
  const chunk = firstChunk(post);
  chunk.fulfil(Array(chunk.left).fill("value"));
  post.worker.backlog.end();
  chunk.job.advance();
}

/** Has a worker run a task that was told to end, and has not. */
function interrupt(post: Post): void {
  const { job } = tracedJob(["aborted"]);
  const chunk = job.take(1);
  assert(chunk);
  post.worker.backlog.add(chunk);
  beginTasks(post, chunk);
  job.abort(new Error("enough"));
  post.worker.interruptIfAborted();
  assert(post.worker.isInterrupted);
}

/** The worker runs whatever the dispatcher has for it. */
function runAll(dispatcher: Dispatcher, post: Post): void {
  for (dispatcher.dispatch(); !post.worker.isIdle; dispatcher.dispatch()) endFirst(post);
}

const quick = () => functionOf("quick", 0.001);

describe("Dispatcher.dispatch()", () => {
  it("gives a job to the idle worker that rested least", () => {
    const posts = [1, 5, 3].map((since, at) => newPost(`w-${at + 1}`, { since }));
    const dispatcher = dispatcherOf(...posts);
    dispatcher.enqueue(tracedJob(["a"]).job);
    dispatcher.dispatch();
    assert.deepEqual(posts.map(({ thread }) => thread.items), [[], [["a"]], []]);
  });

  it("gives the higher priority out first, in one message per worker", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    dispatcher.enqueue(tracedJob(["low"], { priority: -1 }, fn).job);
    dispatcher.enqueue(tracedJob(["high"], { priority: 1 }, fn).job);
    dispatcher.enqueue(tracedJob(["plain"], {}, fn).job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items, [["high"], ["plain"], ["low"]]);
    assert.equal(post.thread.messages.length, 1);
    assert.equal(dispatcher.demand, 0);
  });

  it("fills a worker up, and again only when it runs low", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    dispatcher.enqueue(tracedJob(Array(10).fill("a"), { chunkSize: 1 }, functionOf("ms", 0.5)).job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.messages.map((chunks) => chunks.length), [4]);
    for (let ended = 0; ended < 4; ended++) {
      dispatcher.dispatch();
      post.worker.backlog.end();
    }
    assert.deepEqual(post.thread.messages.map((chunks) => chunks.length), [4, 3]);
  });

  it("has a worker without claims tell of each task only where one may have to be ended", () => {
    const isPrompt = (sharesMemory: boolean, policy: Partial<JobPolicy>) => {
      const post = newPost("w-1", { sharesMemory });
      const dispatcher = dispatcherOf(post);
      dispatcher.enqueue(tracedJob(["a", "b"], policy, quick()).job);
      dispatcher.dispatch();
      return post.thread.messages[0]?.[0]?.tellsEachTask;
    };
    assert.equal(isPrompt(true, { abortable: true }), false);
    assert.equal(isPrompt(true, { timeout: 9 }), true);
    assert.equal(isPrompt(false, {}), false);
    assert.equal(isPrompt(false, { abortable: true }), true);
    assert.equal(isPrompt(false, { timeout: 9 }), true);
  });

  it("gives a worker that runs an unknown function nothing more, and demands another", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    dispatcher.enqueue(tracedJob(["a", "b", "c"], { chunkSize: 1 }).job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items, [["a"]]);
    assert.equal(dispatcher.demand, 1);
  });

  it("lets a task of some ms wait for a worker on its way, not behind another task", () => {
    const [busy, coming] = [newPost("w-1"), newPost("w-2", { isUp: false })];
    const dispatcher = dispatcherOf(busy, coming);
    dispatcher.enqueue(tracedJob(["a", "b"], { chunkSize: 1 }, functionOf("slow", 5)).job);
    dispatcher.dispatch();
    assert.deepEqual(busy.thread.items, [["a"]]);
    bringUp(coming);
    dispatcher.dispatch();
    assert.deepEqual(coming.thread.items, [["b"]]);
  });

  it("gives busy workers one task more, once there is no other worker to come", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    dispatcher.enqueue(tracedJob(["a", "b", "c"], { chunkSize: 1 }, functionOf("slow", 5)).job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items, [["a"], ["b"]]);
  });

  it("gives nothing to a worker that is not up, leaves, or is interrupted", () => {
    const [starting, leaving, interrupted, spent] = [
      newPost("w-1", { isUp: false }),
      newPost("w-2"),
      newPost("w-3", { abortGrace: 9 }),
      newPost("w-4", { maxTasksPerWorker: 0 }),
    ];
    leaving.worker.retire();
    interrupt(interrupted);
    const dispatcher = dispatcherOf(starting, leaving, interrupted, spent);
    dispatcher.enqueue(tracedJob(["a"]).job);
    dispatcher.dispatch();
    for (const { thread } of [starting, leaving, interrupted, spent]) {
      assert.deepEqual(thread.items, []);
    }
    assert.equal(dispatcher.demand, 1);
  });

  it("keeps what is transferred until a worker can begin it at once", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    dispatcher.enqueue(tracedJob(["busy"], {}, fn).job);
    dispatcher.dispatch();
    const bytes = new Uint8Array([1, 2]);
    const policy = { transfer: () => [bytes.buffer] };
    dispatcher.enqueue(tracedJob([bytes], policy, fn).job);
    dispatcher.dispatch();
    assert.equal(bytes.byteLength, 2);
    endFirst(post);
    dispatcher.dispatch();
    assert.equal(bytes.byteLength, 0);
  });

  it("lets a stream of results take turns with the others of its priority", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    const stream = { bufferSize: () => 100, chunkSize: 1 };
    dispatcher.enqueue(tracedJob(["s1", "s2", "s3"], stream, fn).job);
    dispatcher.enqueue(tracedJob(["a", "b"], { chunkSize: 1 }, fn).job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items.flat(), ["s1", "a", "s2", "b", "s3"]);
  });

  it("lets jobs and all calls together take turns, a chunk each, and keeps calls in order", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = functionOf("half", 0.5);
    const sized = { chunkSize: 2 };
    dispatcher.enqueue(tracedJob(["m1", "m2", "m3", "m4", "m5", "m6"], sized, fn).job);
    dispatcher.enqueue(tracedJob(["n1", "n2", "n3"], sized, fn).job);
    for (const name of ["c1", "c2", "c3", "c4", "c5"]) {
      dispatcher.enqueue(tracedJob([name], { counted: true }, fn).job);
    }
    runAll(dispatcher, post);
    assert.deepEqual(post.thread.items, [
      ...[["m1", "m2"], ["n1", "n2"], ["c1"], ["c2"], ["c3"], ["c4"]],
      ...[["m3", "m4"], ["n3"], ["c5"], ["m5", "m6"]],
    ]);
  });

  it("lets a job whose buffer is full lose that turn, not its place among the others", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = functionOf("long", 2);
    let room = 1;
    const stream = tracedJob(["s1", "s2"], { bufferSize: () => room, chunkSize: 1 }, fn).job;
    dispatcher.enqueue(stream);
    for (const names of [["a1", "a2", "a3", "a4"], ["b1", "b2", "b3", "b4"]]) {
      dispatcher.enqueue(tracedJob(names, { chunkSize: 1 }, fn).job);
    }
    // The worker has one chunk beside the one that it runs.
    for (let ended = 0; ended < 4; ended++) {
      dispatcher.dispatch();
      endFirst(post);
    }
    room = 2;
    dispatcher.enqueue(stream);
    runAll(dispatcher, post);
    const order = ["s1", "a1", "b1", "a2", "b2", "s2", "a3", "b3", "a4", "b4"];
    assert.deepEqual(post.thread.items.flat(), order);
  });

  it("gives a worker the tasks of broadcasts that it is owed, once it is idle", () => {
    const [first, second] = [newPost("w-1"), newPost("w-2")];
    const dispatcher = dispatcherOf(first, second);
    const { job } = tracedJob(["a", "b"], { bound: true });
    dispatcher.broadcasts.begin(job, [second.worker, second.worker]);
    dispatcher.dispatch();
    dispatcher.dispatch();
    assert.deepEqual([first.thread.items, second.thread.items], [[], [["a"]]]);
    second.worker.backlog.end();
    dispatcher.dispatch();
    assert.deepEqual(second.thread.items, [["a"], ["b"]]);
  });

  it("fails the tasks that cannot be sent, and no other of their chunk or message", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    const bad = tracedJob([1, () => 2, 3, Symbol("4"), 5], { chunkSize: 5 }, fn);
    const good = tracedJob([6], {}, fn);
    dispatcher.enqueue(bad.job);
    dispatcher.enqueue(good.job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items.flat(), [1, 3, 5, 6]);
    assert.deepEqual(bad.errors.map(([at]) => at), [1, 3]);
    assert.deepEqual([bad.endings, good.errors], [[], []]);
    while (!post.worker.isIdle) endFirst(post);
    assert.deepEqual([bad.endings, good.endings], [[["end"]], [["end"]]]);
  });

  it("gives a worker no more chunks than it can claim tasks of, however many cannot be sent", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const items = Array.from({ length: 3000 }, (_, at) => at % 2 === 0 ? at : () => at);
    const traced = tracedJob(items, { chunkSize: 3000 }, quick());
    dispatcher.enqueue(traced.job);
    dispatcher.dispatch();
    while (!post.worker.isIdle) {
      const words = new Set(post.worker.backlog.chunks.map(({ word }) => word));
      assert.equal(words.size, post.worker.backlog.chunks.length);
      while (!post.worker.isIdle) endFirst(post);
      dispatcher.dispatch();
    }
    assert.deepEqual(post.thread.items.flat(), items.filter((item) => typeof item === "number"));
    assert.equal(traced.errors.length, 1500);
    assert.deepEqual(traced.endings, [["end"]]);
  });

  it("charges a worker for no task that it was not sent", () => {
    const post = newPost("w-1", { maxTasksPerWorker: 10 });
    const dispatcher = dispatcherOf(post);
    dispatcher.enqueue(tracedJob([1, () => 2, 3], { chunkSize: 3 }, quick()).job);
    dispatcher.dispatch();
    assert.equal(post.worker.backlog.budget, 8);
  });

  it("names a function to each worker once, and again if the message did not get through", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    for (const item of [() => 1, 2, 3]) {
      dispatcher.enqueue(tracedJob([item], {}, fn).job);
      dispatcher.dispatch();
    }
    const refs = post.thread.messages.flat().map(({ ref }) => ref?.name);
    assert.deepEqual(refs, ["quick", undefined]);
  });
});

describe("Dispatcher.dispatch() with idle workers", () => {
  it("takes half of what a busy worker has not begun, unprompted not before two rounds", () => {
    const [busy, idle] = [newPost("w-1", { since: 1 }), newPost("w-2")];
    const timed = timedDispatcherOf([busy, idle]);
    const [dispatcher] = timed;
    const input = function* () {
      yield* [1, 2, 3, 4, 5, 6, 7, 8, 9];
    };
    dispatcher.enqueue(tracedJob(input(), {}, quick()).job);
    dispatcher.dispatch();
    beginTasks(busy, firstChunk(busy));
    for (let round = 0; round < 2; round++) {
      dispatcher.dispatch(false);
      assert.deepEqual(idle.thread.items, []);
      ring(timed);
    }
    dispatcher.dispatch(false);
    for (const expected of [[6, 7, 8, 9], [4, 5], [3], [2]]) {
      assert.deepEqual(idle.thread.items.at(-1), expected);
      endFirst(idle);
      dispatcher.dispatch();
    }
    assert.equal(idle.thread.messages.length, 4);
  });

  it("leaves with a worker what it was given from another, until it has begun it", () => {
    const [first, second] = [newPost("w-1"), newPost("w-2", { isUp: false })];
    const dispatcher = dispatcherOf(first, second);
    dispatcher.enqueue(tracedJob(["long", "b"], { chunkSize: 1 }, quick()).job);
    dispatcher.dispatch();
    beginTasks(first, firstChunk(first));
    bringUp(second);
    dispatcher.dispatch();
    assert.deepEqual(second.thread.items, [["b"]]);
    endFirst(first);
    dispatcher.dispatch();
    assert.equal(first.thread.messages.length, 1);
  });

  it("takes everything from behind a long task, one chunk after the other, the last first", () => {
    const [busy, idle] = [newPost("w-1", { since: 1 }), newPost("w-2", { isUp: false })];
    const dispatcher = dispatcherOf(busy, idle);
    dispatcher.enqueue(tracedJob(["long", "b", "c", "d"], { chunkSize: 1 }, quick()).job);
    dispatcher.dispatch();
    beginTasks(busy, firstChunk(busy));
    bringUp(idle);
    for (const expected of ["d", "c", "b"]) {
      dispatcher.dispatch();
      assert.deepEqual(idle.thread.items.at(-1), [expected]);
      idle.worker.backlog.end();
    }
    dispatcher.dispatch();
    assert.equal(idle.thread.messages.length, 3);
  });

  it("takes nothing from a worker that has not begun its only chunk", () => {
    const [busy, idle] = [newPost("w-1"), newPost("w-2")];
    const dispatcher = dispatcherOf(busy, idle);
    dispatcher.enqueue(tracedJob([1, 2, 3, 4], { chunkSize: 4 }, quick()).job);
    dispatcher.dispatch();
    dispatcher.dispatch();
    assert.deepEqual([busy.thread.items, idle.thread.items], [[[1, 2, 3, 4]], []]);
  });

  it("takes over a chunk that is not begun in two rounds, and waits longer each time", () => {
    const posts = [newPost("w-1"), newPost("w-2")];
    const timed = timedDispatcherOf(posts);
    const [dispatcher] = timed;
    dispatcher.enqueue(tracedJob([1, 2], { chunkSize: 2 }, quick()).job);
    dispatcher.dispatch();
    const moves: number[] = [];
    let holder = posts.find(({ worker }) => !worker.isIdle);
    for (let round = 1; round <= 12; round++) {
      ring(timed);
      dispatcher.dispatch();
      const next = posts.find(({ worker }) => worker.backlog.chunks.some(({ size }) => size > 0));
      if (next !== holder) moves.push(round);
      if (next !== holder && holder !== undefined) holder.worker.backlog.end();
      holder = next;
    }
    assert.deepEqual(moves, [2, 5, 9]);
  });

  it("counts as demand what its worker does not begin, but not before another one could be there", () => {
    const post = newPost();
    const timed = timedDispatcherOf([post], 3);
    const [dispatcher] = timed;
    dispatcher.enqueue(tracedJob(["a"], {}, quick()).job);
    dispatcher.dispatch();
    const demandAfter = (rounds: number) => {
      for (let round = 0; round < rounds; round++) ring(timed);
      return dispatcher.demand;
    };
    assert.equal(demandAfter(20), 0);
    assert.equal(demandAfter(20), 1);
    post.worker.backlog.setLoading(true);
    assert.equal(dispatcher.demand, 0);
  });

  it("counts as demand what lies unbegun behind others for two rounds", () => {
    const post = newPost();
    const timed = timedDispatcherOf([post], 3);
    const [dispatcher] = timed;
    const input = function* () {
      yield* ["long", "b", "c", "d"];
    };
    dispatcher.enqueue(tracedJob(input(), {}, quick()).job);
    dispatcher.dispatch();
    beginTasks(post, firstChunk(post));
    const demands = [0, 1, 2].map(() => {
      const { demand } = dispatcher;
      ring(timed);
      return demand;
    });
    assert.deepEqual(demands, [0, 0, 3]);
  });
});

describe("Dispatcher.enqueue()", () => {
  it("takes back what a lower priority has unbegun, but a caller's chunk only as a whole", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    const policy = { priority: -1, chunkSize: 3 };
    const low = tracedJob(["a", "b", "c", "d", "e", "f"], policy, fn);
    dispatcher.enqueue(low.job);
    dispatcher.dispatch();
    beginTasks(post, firstChunk(post));
    dispatcher.enqueue(tracedJob(["high"], {}, fn).job);
    assert.deepEqual(post.worker.backlog.chunks.map(({ size }) => size), [3, 0]);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items.slice(2), [["high"], ["d", "e", "f"]]);
  });

  it("splits a begun chunk whose size was the pool's own", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    const items = function* () {
      yield* ["a", "b", "c"];
    };
    dispatcher.enqueue(tracedJob(items(), { priority: -1 }, fn).job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items, [["a", "b", "c"]]);
    beginTasks(post, firstChunk(post));
    dispatcher.enqueue(tracedJob(["high"], {}, fn).job);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items.slice(1), [["high"], ["b", "c"]]);
  });

  it("has what it took back run before all that has not had its turn, calls in their order", () => {
    const posts = [newPost("w-1"), newPost("w-2")];
    const dispatcher = dispatcherOf(...posts);
    const fn = functionOf("half", 0.5);
    const map = tracedJob(["m1", "m2", "m3", "m4", "m5", "m6", "m7"], { chunkSize: 1 }, fn);
    const calls = Array.from({ length: 12 }, (_, at) => `c${at + 1}`);
    for (const name of calls) dispatcher.enqueue(tracedJob([name], { counted: true }, fn).job);
    dispatcher.enqueue(map.job);
    dispatcher.dispatch();
    const sent = posts.flatMap(({ thread }) => thread.items.flat());
    assert.deepEqual(sent.toSorted(), ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "m1"]);
    dispatcher.enqueue(tracedJob(["high"], { priority: 1 }, fn).job);
    for (const { worker } of posts) while (!worker.isIdle) worker.backlog.end();
    for (const { worker } of posts.slice(1)) worker.retire();
    posts.forEach(({ thread }) => thread.messages.length = 0);
    const [post] = posts;
    assert(post);
    runAll(dispatcher, post);
    assert.deepEqual(post.thread.items.flat(), [
      ...["high", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "m1", "c8"],
      ...["m2", "c9", "c10", "c11", "c12", "m3", "m4", "m5", "m6", "m7"],
    ]);
  });

  it("leaves with a worker what only that one can run", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    const policy = { priority: -1, transfer: () => [] };
    dispatcher.enqueue(tracedJob(["moved"], policy, fn).job);
    dispatcher.dispatch();
    dispatcher.enqueue(tracedJob(["high"], {}, fn).job);
    assert.equal(firstChunk(post).size, 1);
  });
});

describe("Dispatcher.dispatch() with tasks that cannot be sent", () => {
  const refused = Array.from({ length: 1000 }, (_, at) => at % 2 === 0 ? at : () => at);

  it("gives others their turn after some milliseconds, and goes on in the next", () => {
    const post = newPost();
    const timed = timedDispatcherOf([post]);
    const [dispatcher, time] = timed;
    time.pace = 0.1;
    const job = tracedJob(refused, { chunkSize: 1000 }, quick());
    dispatcher.enqueue(job.job);
    let turns = 0;
    do {
      dispatcher.dispatch();
      ring(timed);
      turns++;
      while (!post.worker.isIdle) endFirst(post);
    } while (dispatcher.demand > 0 && turns < 1000);
    assert(turns > 5, `${turns} turns`);
    assert.deepEqual(
      job.errors.map(([at]) => at),
      refused.flatMap((item, at) => typeof item === "function" ? [at] : []),
    );
    assert.equal(job.values.length, 500);
    assert.deepEqual(job.endings, [["end"]]);
  });

  it("finds one among many by halves", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const items = Array.from({ length: 1024 }, (_, at) => at === 700 ? () => at : `${at}`);
    let attempts = 0;
    post.thread.post = (message, transfer) => {
      attempts++;
      SilentThread.prototype.post.call(post.thread, message, transfer);
    };
    const job = tracedJob(items, { chunkSize: 1024 }, quick());
    dispatcher.enqueue(job.job);
    dispatcher.dispatch();
    assert.deepEqual(job.errors.map(([at]) => at), [700]);
    assert.equal(post.thread.items.flat().length, 1023);
    assert(attempts <= 21, `${attempts} attempts`);
  });
});

describe("Dispatcher.requeue() and forget()", () => {
  it("requeue() has the tasks run before all others of their priority, unless their job is over", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const fn = quick();
    const [back, over] = [tracedJob(["back"], {}, fn), tracedJob(["over"], {}, fn)];
    const chunks = [back.job.take(1), over.job.take(1)];
    over.job.cancel();
    dispatcher.enqueue(tracedJob(["a"], {}, fn).job);
    for (const chunk of chunks) if (chunk !== undefined) dispatcher.requeue(chunk);
    dispatcher.dispatch();
    assert.deepEqual(post.thread.items, [["back"], ["a"]]);
  });

  it("forget() cuts what a worker has not begun", () => {
    const post = newPost();
    const dispatcher = dispatcherOf(post);
    const { job } = tracedJob(["a", "b", "c"], { chunkSize: 3 });
    dispatcher.enqueue(job);
    dispatcher.dispatch();
    const chunk = firstChunk(post);
    beginTasks(post, chunk);
    job.cancel();
    dispatcher.forget(job);
    assert.equal(post.worker.backlog.begun(chunk), 1);
    assert.equal(chunk.size, 1);
  });

  it("forget() gives a worker back the budget of what it will not run", () => {
    const post = newPost("w-1", { maxTasksPerWorker: 10 });
    const dispatcher = dispatcherOf(post);
    const { job } = tracedJob(["a", "b", "c"], { chunkSize: 3 });
    dispatcher.enqueue(job);
    dispatcher.dispatch();
    assert.equal(post.worker.backlog.budget, 7);
    beginTasks(post, firstChunk(post));
    job.cancel();
    dispatcher.forget(job);
    assert.equal(post.worker.backlog.budget, 9);
  });
});
