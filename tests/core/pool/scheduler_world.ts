import assert from "node:assert/strict";
import { ApplyCalls } from "../../../core/pool/apply_calls.ts";
import { FunctionTable, type KnownFunction } from "../../../core/pool/functions.ts";
import { ImapCollector, MapCollector, SettledCollector } from "../../../core/pool/collectors.ts";
import { Job } from "../../../core/pool/job.ts";
import { type JobPolicy, PLAIN_POLICY } from "../../../core/pool/policy.ts";
import { Scheduler } from "../../../core/pool/scheduler.ts";
import type { PoolWorker } from "../../../core/pool/pool_worker.ts";
import type { ThreadListener } from "../../../core/ports.ts";
import { openInput } from "../../../core/pool/inputs.ts";
import {
  InitializerError,
  PoolTerminatedError,
  TimeoutError,
  WorkerLostError,
} from "../../../errors.ts";
import { FakeTime } from "./fake_time.ts";
import { LIMITS } from "./silent_thread.ts";
import { type FakeTask, FakeThread, TaskFailure, taskOf } from "./fake_thread.ts";

/** A small generator of random numbers, so that a seed tells the whole story. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What the world knows of a task. */
interface TaskRecord {
  readonly task: FakeTask;
  readonly call: Call;
  begun: number;
  /** Crashes of workers that had begun it, or may have. */
  losses: number;
  /** Crashes of workers that had begun nothing when they held it. */
  strandings: number;
  timedOut: boolean;
}

/** What the world knows of a pool call. */
interface Call {
  readonly kind: "run" | "apply" | "map" | "settled" | "imap" | "broadcast";
  readonly job: Job | undefined;
  readonly tasks: readonly FakeTask[];
  readonly priority: number;
  readonly retries: number;
  readonly bufferSize: number;
  readonly collector: ImapCollector<unknown> | undefined;
  readonly outcomes: unknown[];
  inputTaken: number;
  settled: number;
  waiters: number;
  aborted: boolean;
  broken: boolean;
  crashedLoading: boolean;
}

export interface WorldOptions {
  readonly seed: number;
  readonly workers: number;
  readonly minWorkers: number;
  readonly maxTasksPerWorker: number;
  readonly claims: boolean;
  readonly grace: boolean;
  readonly cost: number;
  /** Whether workers die, tasks are aborted and time out. */
  readonly hostile: boolean;
  /** Calls to choose from, some of them more than once. */
  readonly kinds?: readonly Call["kind"][];
}

const ALL_KINDS: readonly Call["kind"][] = [
  "run",
  "run",
  "apply",
  "apply",
  "map",
  "map",
  "settled",
  "imap",
  "broadcast",
];

const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await turn();
}

/** A scheduler among fake workers and callers, of which chance decides who moves next. */
export class SchedulerWorld {
  readonly options: WorldOptions;
  readonly random: (below: number) => number;
  readonly scheduler: Scheduler;
  readonly threads: FakeThread[] = [];
  readonly calls: Call[] = [];
  readonly records: Map<string, TaskRecord> = new Map();
  readonly log: string[] = [];
  readonly #time = new FakeTime();
  readonly #functions = new FunctionTable();
  readonly #begun: TaskRecord[] = [];
  #ended = false;
  #submitted = 0;
  #warmingUp = 0;
  #startFailures = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = randomOf(options.seed);
    this.scheduler = new Scheduler({
      limits: { ...LIMITS, ...options, idleTimeout: 0, abortGrace: options.grace ? 1000 : 0 },
      time: this.#time,
      newThread: (_name, listener) => this.#newThread(listener),
      modules: [],
      initializer: undefined,
    });
    void this.scheduler.ended.then(() => this.#ended = true);
  }

  #newThread(listener: ThreadListener): FakeThread {
    const began = (task: FakeTask, on: FakeThread) => this.#began(task, on);
    const thread = new FakeThread(listener, { began }, this.options.claims);
    thread.cost = this.options.cost;
    const post = thread.post.bind(thread);
    thread.post = (message, transfer) => {
      post(message, transfer);
      if (message.kind === "run") this.#checkPriorities(thread);
    };
    this.threads.push(thread);
    return thread;
  }

  // Callers

  submit(): void {
    const { state } = this.scheduler;
    if (state === "closed" || state === "terminated") return;
    const kind = this.#pick(this.options.kinds ?? ALL_KINDS) ?? "run";
    const call = this.#newCall(kind);
    this.calls.push(call);
    for (const task of call.tasks) {
      const record = { task, call, begun: 0, losses: 0, strandings: 0, timedOut: false };
      this.records.set(task.id, record);
    }
    this.log.push(
      `submit ${kind} ${JSON.stringify(call.tasks)} p${call.priority} r${call.retries}`,
    );
    if (call.job === undefined) this.#submitRun(call);
    else if (kind === "broadcast") this.scheduler.broadcast(call.job);
    else this.scheduler.submit(call.job);
  }

  #newCall(kind: Call["kind"]): Call {
    const { random } = this;
    const number = ++this.#submitted;
    const count = kind === "broadcast"
      ? this.options.workers
      : kind === "run" || kind === "apply"
      ? 1
      : random(12);
    const tasks = Array.from({ length: count }, (_, at): FakeTask => ({
      id: `${number}.${at}`,
      ...(random(8) === 0 && { fails: true }),
      ...(random(20) === 0 && { unclonable: true }),
    }));
    const plain = kind === "run" || kind === "broadcast";
    const call: { -readonly [K in keyof Call]: Call[K] } = {
      kind,
      tasks,
      job: undefined,
      collector: undefined,
      priority: plain || random(3) > 0 ? 0 : random(3) - 1,
      retries: plain ? 0 : random(3),
      bufferSize: 1 + random(6),
      outcomes: [],
      inputTaken: 0,
      settled: 0,
      waiters: 0,
      aborted: false,
      broken: random(25) === 0,
      crashedLoading: false,
    };
    if (kind !== "run") call.job = this.#newJob(call, number);
    return call;
  }

  #functionOf(call: Call): KnownFunction {
    const name = call.broken ? "broken" : `f${this.random(3)}`;
    return this.#functions.intern({ kind: "served", name });
  }

  #newJob(call: { -readonly [K in keyof Call]: Call[K] }, number: number): Job {
    const { random } = this;
    const policy: JobPolicy = {
      ...PLAIN_POLICY,
      counted: call.kind === "apply" || call.kind === "broadcast",
      priority: call.priority,
      retries: call.retries,
      timeout: random(3) === 0 ? 1000 : undefined,
      chunkSize: random(2) === 0 ? 1 + random(6) : undefined,
      spread: call.kind === "apply",
      stopOnError: call.kind === "map",
      failFast: call.kind === "map" && random(4) === 0,
      bound: call.kind === "broadcast",
      bufferSize: call.kind === "imap" ? () => call.bufferSize : undefined,
      eager: call.kind === "apply" || call.kind === "imap",
    };
    const fn = this.#functionOf(call);
    if (call.kind === "apply") {
      const calls = new ApplyCalls();
      calls.add([call.tasks[0]], this.#resolvers(call));
      return new Job(fn, policy, calls, calls);
    }
    const collector = this.#collectorOf(call, number);
    const isLazy = random(2) === 0 && call.kind !== "broadcast";
    // A length that is right, and none.
    const lazy = number % 3 === 0 ? new Set(call.tasks) : countTaken(call);
    const items = isLazy ? lazy : call.tasks;
    const input = openInput(items, true, () => job.wake(), call.kind === "imap");
    const job: Job = new Job(fn, policy, input, collector);
    return job;
  }

  #collectorOf(call: { -readonly [K in keyof Call]: Call[K] }, number: number) {
    if (call.kind === "settled") return new SettledCollector(this.#resolvers(call));
    if (call.kind !== "imap") return new MapCollector(this.#resolvers(call));
    return call.collector = new ImapCollector(number % 2 === 0, () => call.job?.wake());
  }

  #submitRun(call: Call): void {
    const fn = this.#functionOf(call);
    this.scheduler.submitCall(fn, call.tasks, this.#resolvers(call));
  }

  #resolvers(call: Call) {
    return {
      resolve: (value: unknown) => {
        call.settled++;
        this.#checkValue(call, value);
      },
      reject: (error: unknown) => {
        call.settled++;
        this.#checkError(call, error, call.tasks);
      },
    };
  }

  // What callers get

  #checkValue(call: Call, value: unknown): void {
    const ids = call.tasks.map((task) => task.id);
    if (call.kind === "run" || call.kind === "apply") {
      assert.equal(value, ids[0]);
    } else if (call.kind === "settled") {
      // SettledCollector gives nothing else.
      const outcomes = value as PromiseSettledResult<unknown>[];
      assert.equal(outcomes.length, ids.length, "mapSettled gives an outcome for each task");
      for (const [at, outcome] of outcomes.entries()) {
        if (outcome.status === "fulfilled") assert.equal(outcome.value, ids[at]);
        else this.#checkError(call, outcome.reason, call.tasks.slice(at, at + 1));
      }
    } else assert.deepEqual(value, ids);
  }

  /** Whether an error is one that the call, or one of these tasks of it, has earned. */
  #checkError(call: Call, error: unknown, tasks: readonly FakeTask[]): void {
    const records = tasks.flatMap((task) => this.records.get(task.id) ?? []);
    const { state } = this.scheduler;
    assert(
      error instanceof TaskFailure || error instanceof Error || error instanceof DOMException,
      `no error: ${error}`,
    );
    if (error.name === "DataCloneError") return assert(tasks.some((task) => task.unclonable));
    if (error.message === "aborted") return assert(call.aborted, "aborted without being asked");
    if (error.message === "no such module") return assert(call.broken);
    if (error instanceof PoolTerminatedError) return assert.equal(state, "terminated");
    if (error instanceof InitializerError) return assert(state !== "running");
    if (error instanceof TimeoutError) return assert(records.some((record) => record.timedOut));
    if (error instanceof WorkerLostError) {
      if (this.#startFailures >= 5 || call.crashedLoading) return;
      const isLost = (record: TaskRecord) => record.losses > call.retries || record.strandings >= 3;
      return assert(records.some(isLost), `lost without reason: ${error.message}`);
    }
    assert(
      records.some(({ task }) => task.fails && task.id === error.message),
      String(error.stack),
    );
  }

  /** Reads an `imap`. */
  read(call: Call): void {
    const { collector } = call;
    if (collector === undefined || call.waiters >= 3) return;
    call.waiters++;
    void collector.wait().promise.then(
      (result) => this.#took(call, result.done ? "end" : result.value),
      (error) => this.#took(call, error),
    ).catch((error) => this.failures.push(error));
  }

  readonly failures: unknown[] = [];

  #took(call: Call, outcome: unknown): void {
    call.waiters--;
    if (outcome === "end") {
      call.settled = 1;
      return;
    }
    assert.equal(call.settled, 0, "an imap gives nothing after its end");
    call.outcomes.push(outcome);
    const isOrdered = Number(call.tasks[0]?.id.split(".")[0]) % 2 === 0;
    const at = call.outcomes.length - 1;
    const candidates = isOrdered && !call.aborted ? call.tasks.slice(at, at + 1) : call.tasks;
    if (typeof outcome === "string") assert(candidates.some((task) => task.id === outcome));
    else this.#checkError(call, outcome, call.tasks);
  }

  abort(): void {
    const call = this.#pick(this.calls.filter(({ job }) => job !== undefined && !job.over));
    if (call?.job === undefined) return;
    call.aborted = true;
    this.log.push(`abort ${call.tasks[0]?.id}`);
    this.scheduler.abort(call.job, new Error("aborted"));
  }

  /** The numbers of the tasks as they began: those of each job, and those of all calls of a priority. */
  beginnings(): number[][] {
    const lists = new Map<unknown, number[]>();
    for (const { call, task } of this.#begun) {
      const [number = "", at = ""] = task.id.split(".");
      const isCall = call.kind === "run" || call.kind === "apply";
      const list = isCall ? call.priority : call;
      lists.set(list, [...lists.get(list) ?? [], Number(number) * 1000 + Number(at)]);
    }
    return [...lists.values()];
  }

  warmUp(): void {
    this.#warmingUp++;
    const done = () => void this.#warmingUp--;
    this.scheduler.warmUp().then(done, done);
  }

  // Workers

  #began(task: FakeTask, thread: FakeThread): void {
    this.log.push(`${thread.worker.name} begins ${task.id}`);
    const record = this.records.get(task.id);
    assert(record, "a task that was not submitted");
    record.begun++;
    this.#begun.push(record);
    assert(record.begun <= 1 + record.call.retries, `${task.id} begun ${record.begun} times`);
    assert(record.begun <= 1 + record.losses, `${task.id} begun again without a loss`);
    assert(thread.begun <= this.options.maxTasksPerWorker, `${thread.worker.name} is worn out`);
  }

  #checkPriorities(thread: FakeThread): void {
    const chunk = thread.worker.backlog.chunks.at(-1);
    if (chunk === undefined || chunk.job.policy.bound) return;
    for (const { job, tasks } of this.calls) {
      if (job === undefined || job.over || job.policy.bound) continue;
      // An error in the middle of sending makes room in the buffer of its job.
      if (tasks.some((task) => task.unclonable)) continue;
      if (job.policy.priority <= chunk.job.policy.priority) continue;
      assert.equal(job.waiting, 0, "a lower priority went first");
    }
  }

  /** Ends a thread as a crash would. */
  crash(thread: FakeThread): void {
    this.log.push(`${thread.worker.name} crashes`);
    thread.dead = true;
    if (this.random(2) === 0) thread.tellEnd();
    thread.deliverAll();
    const { worker } = thread;
    if (thread.dismissed === "no" && worker.state !== "starting") this.#blame(thread);
    if (worker.state === "starting" && thread.dismissed === "no") this.#startFailures++;
    thread.die();
  }

  #blame({ worker }: FakeThread): void {
    if (worker.backlog.isLoading) {
      for (const call of this.#callsOf(worker)) call.crashedLoading = true;
    }
    for (const chunk of worker.backlog.chunks) {
      const begun = worker.backlog.begun(chunk);
      for (let at = chunk.next; at < chunk.size; at++) {
        const record = this.records.get(taskOf(chunk.items[at]).id);
        if (record === undefined) continue;
        if (at < begun) record.losses++;
        else if (chunk === worker.backlog.first) record.strandings++;
      }
    }
  }

  fireDeadline(thread: FakeThread): void {
    const { deadline, worker } = thread;
    const chunk = worker.backlog.first;
    const record = this.records.get(taskOf(chunk?.items[chunk.next])?.id);
    if (record !== undefined) record.timedOut = true;
    if (worker.backlog.isLoading) {
      for (const call of this.#callsOf(worker)) {
        this.#timeOutAll(call);
      }
    }
    this.log.push(`${worker.name} deadline`);
    deadline?.();
  }

  #timeOutAll(call: Call): void {
    for (const record of this.records.values()) if (record.call === call) record.timedOut = true;
  }

  /** The calls behind the first chunk of a thread: plain calls have no job of their own. */
  #callsOf(worker: PoolWorker): Call[] {
    const job = worker.backlog.first?.job;
    const own = this.calls.filter((call) => call.job !== undefined && call.job === job);
    return own.length > 0 ? own : this.calls.filter((call) => call.kind === "run");
  }

  endWait(thread: FakeThread): void {
    this.log.push(`${thread.worker.name} has waited`);
    thread.endWait?.();
  }

  /** One thing that happens to a thread, unless it has nothing to do. */
  move(thread: FakeThread, isFair: boolean): boolean {
    if (thread.gone) return false;
    if (!thread.spawned) {
      if (thread.endWait !== undefined) this.endWait(thread);
      return thread.spawned;
    }
    if (thread.outbox.length > 0 && this.random(2) === 0) return thread.deliver(), true;
    if (thread.dismissed === "kill") return this.#leave(thread);
    if (!this.#greeted.has(thread)) {
      this.#greeted.add(thread);
      thread.ready();
      return true;
    }
    if (thread.canStep) return thread.step(this.random(2) === 0), true;
    if (thread.outbox.length > 0) return thread.deliver(), true;
    if (thread.dismissed === "stop") return this.#leave(thread);
    // A graceful task that never ends is only ended by its clock.
    return !isFair && false;
  }

  readonly #greeted = new Set<FakeThread>();

  #leave(thread: FakeThread): boolean {
    this.log.push(`${thread.worker.name} leaves`);
    thread.leave();
    return true;
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.random(list.length)];
  }

  // The walk

  async walk(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#act();
      if (this.random(3) > 0) {
        await settle();
        this.check();
      }
    }
  }

  #act(): void {
    const draw = this.random(100);
    const thread = this.#pick(this.threads.filter((thread) => !thread.gone));
    if (draw < 14) return this.submit();
    if (draw < 22) return this.read(this.#pick(this.calls.filter((c) => c.collector)) ?? noCall);
    if (draw < 23) return this.warmUp();
    if (this.options.hostile && draw < 32) return this.#harm(thread, draw);
    if (draw < 40) return void this.#time.ring();
    if (thread !== undefined) this.move(thread, false);
  }

  #harm(thread: FakeThread | undefined, draw: number): void {
    if (draw < 26) return this.abort();
    if (thread === undefined) return;
    if (draw < 28) return this.crash(thread);
    if (draw < 30 && thread.deadline !== undefined) return this.fireDeadline(thread);
    if (thread.endWait !== undefined) this.endWait(thread);
  }

  /** Ends the walk: threads and readers do what they should, until nothing moves. */
  async end(how: "close" | "terminate"): Promise<void> {
    this.log.push(how);
    this.scheduler[how]();
    for (let round = 0; round < 10_000; round++) {
      await settle();
      this.check();
      let isMoved = false;
      for (const thread of [...this.threads]) isMoved = this.move(thread, true) || isMoved;
      isMoved = await this.#readAll() || isMoved;
      if (isMoved || this.#graceOver() || this.#time.ring()) continue;
      await settle();
      if (!this.threads.some((w) => !w.gone && (w.canStep || w.outbox.length > 0))) break;
    }
    this.#checkEnd();
  }

  /** Reads each `imap` once; tells whether anything came. */
  async #readAll(): Promise<boolean> {
    const count = () => this.calls.reduce((sum, call) => sum + call.outcomes.length, 0);
    const before = count();
    for (const call of this.calls) if (call.settled === 0 && !call.waiters) this.read(call);
    await settle();
    return count() > before;
  }

  #graceOver(): boolean {
    const thread = this.threads.find(({ worker, endWait }) => worker.isInterrupted && endWait);
    if (thread !== undefined) this.endWait(thread);
    return thread !== undefined;
  }

  check(): void {
    if (this.failures.length > 0) throw this.failures[0];
    const { roster, state } = this.scheduler;
    const { workers } = this.options;
    assert(roster.size <= workers, `${roster.size} workers at a time`);
    const counted = roster.counted;
    const indices = new Set(counted.map(({ index }) => index));
    assert.equal(indices.size, counted.length, "two workers have one index");
    assert(Math.max(-1, ...indices) < workers, "an index is too high");
    const living = this.threads.filter((w) => !w.gone && w.dismissed === "no");
    const leaving = living.filter(({ worker }) => worker.state === "leaving");
    assert(living.length - leaving.length <= workers, `${living.length} workers live`);
    const busy = [...roster.workers].filter((w) =>
      !w.isIdle && !w.isInterrupted && w.state !== "stopping"
    );
    assert(busy.length <= workers, `${busy.length} workers run tasks at a time`);
    const pairs = leaving.filter((t) =>
      living.some(({ worker }) => worker.predecessor === t.worker)
    );
    assert(living.length - pairs.length <= workers * 2, "leaving workers pile up");
    for (const { collector, inputTaken, bufferSize } of this.calls) {
      if (collector === undefined) continue;
      const ahead = inputTaken - collector.taken;
      assert(ahead <= bufferSize, `${ahead} results ahead of a buffer of ${bufferSize}`);
    }
    for (const call of this.calls) assert(call.settled <= 1, "settled more than once");
    for (const call of this.calls) this.#checkOver(call);
    this.#checkHolds(state);
    assert.equal(this.scheduler.queued, this.#countQueued(), "the count of what waits is wrong");
    this.#checkChunks();
    if (state === "running" || state === "closed") this.#checkWaiting();
  }

  /** Each task of a job that is not over is in one place, and a worker's load is that of its chunks. */
  #checkChunks(): void {
    const workers = [...this.scheduler.roster.workers];
    const chunks = workers.flatMap(({ backlog }) => backlog.chunks);
    assert.equal(new Set(chunks).size, chunks.length, "a chunk is at two workers");
    for (const { job } of this.calls) {
      if (job === undefined || job.over) continue;
      const own = chunks.filter((chunk) => chunk.job === job);
      const atWork = own.reduce((sum, { left }) => sum + left, 0);
      const owed = job.unsettled - waitingIn(job) - atWork;
      assert.equal(owed, 0, "tasks are nowhere");
      const places = own.flatMap((chunk) =>
        Array.from({ length: chunk.left }, (_, at) => chunk.first + chunk.next + at)
      );
      assert.equal(new Set(places).size, places.length, "a task is at two workers");
    }
    for (const { backlog: { chunks, ms } } of workers) {
      const estimate = chunks.reduce((sum, { estimate = Infinity }) => sum + estimate, 0);
      const isRight = ms === estimate || Math.abs(ms - estimate) < 1e-6;
      assert(isRight, `${ms} ms of work, not ${estimate}`);
    }
  }

  /** No task waits beside an idle worker, unless an alarm is set; no job waits for nothing. */
  #checkWaiting(): void {
    const workers = [...this.scheduler.roster.workers];
    const isAlarmed = this.#time.timers.some((timer) => timer.isRunning);
    if (workers.some(({ isFree }) => isFree)) {
      const spare = workers.find(({ backlog }) => backlog.hasSpare);
      assert(!spare || isAlarmed, `${spare?.name} has tasks for a worker that idles`);
      for (const { job, kind } of this.calls) {
        if (job === undefined || job.over || job.policy.bound) continue;
        assert.equal(waitingIn(job), 0, `a task of ${kind} waits beside a worker that idles`);
      }
    }
    for (const { job } of this.calls) {
      if (job === undefined || job.over || job.isAtWork) continue;
      assert(job.waiting > 0 || job.policy.bufferSize, "a job waits for nothing");
    }
  }

  /** What waits within the pool, counted one by one. */
  #countQueued(): number {
    let held = 0;
    for (const { job, settled } of this.calls) {
      if (job === undefined) held += 1 - settled;
      else if (!job.over) held += job.unsettled;
    }
    const workers = [...this.scheduler.roster.workers];
    const running = workers.filter(({ backlog: { first } }) =>
      first && first.left && !first.job.over
    );
    return held - running.length;
  }

  /** A job of which all is done waits for nothing but its reader. */
  #checkOver({ job, tasks, kind, bufferSize, collector }: Call): void {
    if (job === undefined || job.over || kind === "broadcast" || job.unsettled > 0) return;
    if (!tasks.every(({ id }) => this.records.get(id)?.begun)) return;
    // A worker has told of its last task, and not yet that it was the last.
    if ([...this.scheduler.roster.workers].some(({ backlog }) => backlog.first?.job === job)) {
      return;
    }
    const isFull = collector !== undefined && tasks.length - collector.taken >= bufferSize;
    assert(isFull, `${kind} ${tasks[0]?.id} is not over though all is done`);
  }

  #checkHolds(state: string): void {
    const isPending = this.calls.some((call) => call.settled === 0 && call.kind !== "imap");
    const threads = this.threads.filter(({ gone }) => !gone);
    if (isPending) {
      assert(threads.some(({ held }) => held), "a busy pool lets the process end");
    } else if (state === "running" && this.#warmingUp === 0) {
      const isIdle = threads.every(({ worker }) => worker.isIdle) &&
        this.calls.every((call) => call.settled > 0);
      if (isIdle) assert(!threads.some(({ held }) => held), "an idle pool holds the process");
    }
  }

  #checkEnd(): void {
    for (const call of this.calls) {
      assert.equal(call.settled, 1, `${call.kind} ${call.tasks[0]?.id} never settles`);
    }
    assert.equal(this.#warmingUp, 0, "ready() never settles");
    assert(this.#ended, "the pool never ends");
    assert(this.threads.every((worker) => worker.gone), "a worker is left behind");
  }
}

/** Tasks that wait within the pool, not in the caller's input. */
function waitingIn(job: Job): number {
  return job.policy.counted ? job.waiting : job.returned;
}

/** Gives a call's tasks one by one, and counts. */
function* countTaken(call: Call): Generator<FakeTask> {
  for (const task of call.tasks) {
    call.inputTaken++;
    yield task;
  }
}

const noCall: Call = {
  kind: "map",
  job: undefined,
  tasks: [],
  priority: 0,
  retries: 0,
  bufferSize: 1,
  collector: undefined,
  outcomes: [],
  inputTaken: 0,
  settled: 0,
  waiters: 0,
  aborted: false,
  broken: false,
  crashedLoading: false,
};

/** A world whose every trait follows from its seed. */
export function worldOf(seed: number, claims = true): SchedulerWorld {
  const random = randomOf(seed ^ 0x5eed);
  const workers = 1 + random(3);
  return new SchedulerWorld({
    seed,
    workers,
    claims,
    minWorkers: random(3) === 0 ? random(workers + 1) : 0,
    maxTasksPerWorker: random(2) === 0 ? Infinity : 1 + random(5),
    grace: random(2) === 0,
    cost: [0.001, 0.5, 5, 50][random(4)] ?? 1,
    hostile: random(3) > 0,
  });
}
