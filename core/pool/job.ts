import { Chunk, type TaskOwner } from "./chunk.ts";
import type { Collector } from "./collectors.ts";
import { addCallSite } from "../error_stack.ts";
import type { JobPolicy } from "./policy.ts";
import { Fifo } from "../queues.ts";
import type { KnownFunction } from "./functions.ts";
import type { Values } from "../wire/packing.ts";
import type { TaskInput } from "./inputs.ts";

/** What a task gave: a value, an error, or nothing that the pool knows of, as its worker died. */
export type Outcome = "completed" | "failed" | "lost";

/** Who runs a job. */
export interface JobOwner {
  /** The job may have tasks to give again. */
  wake(job: Job): void;
  /** All that the job gave is done: it is to be probed, once workers with room had their turn. */
  unsure(job: Job): void;
  /** The job needs nothing more. */
  over(job: Job): void;
  /** So many tasks of a job have an outcome, or never will. */
  settled(outcome: Outcome, tasks: number): void;
  /** The pool holds so many tasks more of a job, or fewer: given out or waiting, without an outcome. */
  held(tasks: number): void;
}

/** Tasks of a job that go to a worker together. */
export type JobChunk = Chunk<Job>;

/** What one pool call started: hands out chunks of its tasks, and takes their outcomes. */
export class Job implements TaskOwner {
  /** Whether it stands in the queue; the queue's own note. */
  queued = false;
  /** Its place in the order of the jobs, from 1; the queue's own note. */
  number = 0;
  /** When it last had a turn, as a count; the queue's own note. */
  turn = 0;
  /** The function that its tasks call. */
  readonly fn: KnownFunction;
  /** How it wants its tasks run. */
  readonly policy: JobPolicy;
  readonly #input: TaskInput;
  readonly #collector: Collector & { readonly taken?: number };
  #owner: JobOwner | undefined;
  /** Tasks that were given out and taken back; most jobs have none. */
  #returned: Fifo<JobChunk> | undefined;
  /** How many tasks those are. */
  #sizeReturned = 0;
  #given = 0;
  #done = 0;
  /** Of how many done tasks the caller was told. */
  #reported = 0;
  /** Of how many unsettled tasks its owner was told. */
  #held = 0;
  #over = false;
  #abortion: { readonly reason: unknown } | undefined;
  #cleanUp: Promise<void> | undefined;

  constructor(fn: KnownFunction, policy: JobPolicy, input: TaskInput, collector: Collector) {
    this.fn = fn;
    this.policy = policy;
    this.#input = input;
    this.#collector = collector;
  }

  /** Whether the job has its result. */
  get over(): boolean {
    return this.#over;
  }

  /** Why it was aborted, if it was. */
  get abortion(): { readonly reason: unknown } | undefined {
    return this.#abortion;
  }

  /** Whether tasks that were given out have no outcome yet. */
  get isAtWork(): boolean {
    return this.#done < this.#given;
  }

  /** Settles when an input that was ended early has cleaned up; most have nothing to clean. */
  get cleanUp(): Promise<void> | undefined {
    return this.#cleanUp;
  }

  /** Tasks not yet given out, where that is known. */
  get remaining(): number | undefined {
    const { remaining } = this.#input;
    return remaining === undefined ? undefined : remaining + this.#sizeReturned;
  }

  /** How many tasks wait that were given out before. */
  get returned(): number {
    return this.#sizeReturned;
  }

  /** How many tasks it could give now, as far as is known. */
  get waiting(): number {
    if (this.#over) return 0;
    return this.#sizeReturned + Math.min(this.#input.waiting, this.#room());
  }

  /** Tasks given out or waiting within the pool, without an outcome. */
  get unsettled(): number {
    return this.#given - this.#done + (this.policy.counted ? this.#input.waiting : 0);
  }

  /** Tells the job who runs it. */
  attach(owner: JobOwner): void {
    this.#owner = owner;
    this.#count();
    this.#finishIfDone();
  }

  /** Takes the next chunk, of at most `limit` tasks, if there is one now. */
  take(limit: number): JobChunk | undefined {
    const chunk = this.#takeReturned(limit) ?? this.#read(limit);
    if (chunk === undefined) this.#finishIfDone();
    return chunk;
  }

  /** Takes back tasks that were given out and have not begun. */
  takeBack(chunk: JobChunk): void {
    if (this.#over || chunk.size === 0) return;
    this.#sizeReturned += chunk.size;
    this.#returned ??= new Fifo();
    this.#returned.insert(chunk, ({ first }) => first > chunk.first);
  }

  fulfil(index: number, values: Values): void {
    if (this.#settle(values.length, "completed")) this.#collector.fulfil(index, values);
  }

  reject(index: number, error: unknown, outcome: "failed" | "lost"): void {
    if (!this.#settle(1, outcome)) return;
    if (this.policy.failFast) return this.fail(error);
    addCallSite(error, this.policy.callSite);
    this.#collector.reject(index, error);
  }

  /** Takes note that tasks will not run, as one before them in their chunk failed. */
  skip(tasks: number): void {
    this.#done += tasks;
    this.#count();
  }

  /** Takes note that a chunk is over, or as good as over: tells its caller, and ends if all is done. */
  advance(): void {
    if (this.#over) return;
    const { onProgress } = this.policy;
    if (onProgress !== undefined && this.#done > this.#reported) {
      const progress = { done: this.#done, total: this.#total() };
      this.#reported = this.#done;
      this.#tell(() => onProgress(progress));
    }
    this.#finishIfDone();
  }

  /** Passes on what a task reports. */
  report(chunk: JobChunk, position: number, value: unknown): void {
    const { onReport } = this.policy;
    if (this.#over || onReport === undefined) return;
    this.#tell(() => onReport(value, chunk.first + position));
  }

  /** Fails the job as a whole. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#owner?.settled("failed", this.unsettled);
    addCallSite(error, this.policy.callSite);
    this.#finish(() => this.#collector.fail(error));
  }

  /** Fails the job for its caller's own reason, which those who come to its tasks later need. */
  abort(reason: unknown): void {
    if (this.#over) return;
    this.#abortion = { reason };
    this.fail(reason);
  }

  /** Ends the job: its caller wants nothing more. What runs is left to end by itself. */
  cancel(): void {
    if (!this.#over) this.#finish(() => {});
  }

  /** Its reader has made room in the buffer, or waits for what is not there. */
  makeRoom(): void {
    if (this.#room() >= (this.policy.leastRoom?.() ?? 1)) this.wake();
  }

  /** One task more waits: what {@linkcode Job.wake} would find, without a look at everything. */
  grow(): void {
    this.#held++;
    this.#owner?.held(1);
    this.#owner?.wake(this);
  }

  /** There may be tasks to give again, or none to come: its input has moved, or its reader. */
  wake(): void {
    if (this.#over) return;
    this.#count();
    this.#finishIfDone();
    if (this.waiting > 0) this.#owner?.wake(this);
  }

  /** Ends the job if all that it gave is done and its input, asked whether it has more, has not. */
  probe(): void {
    if (this.#over || this.isAtWork) return;
    if (this.#room() > 0) this.#callBack(() => this.#input.probe?.());
    if (this.#input.exhausted) this.advance();
  }

  /** Calls back into the caller's code, whose exception is the job's error. */
  #tell(callback: () => void): void {
    try {
      this.#callBack(callback);
    } catch (error) {
      this.fail(error);
    }
  }

  #callBack<R>(code: () => R): R {
    const { context } = this.policy;
    return context === undefined ? code() : context(code);
  }

  #takeReturned(limit: number): JobChunk | undefined {
    const chunk = this.#returned?.shift();
    if (chunk === undefined) return undefined;
    if (chunk.size > limit) this.#returned?.unshift(chunk.split(limit));
    this.#sizeReturned -= chunk.size;
    return chunk;
  }

  #read(limit: number): JobChunk | undefined {
    const size = Math.min(limit, this.#room());
    if (this.#over || size < 1 || this.#input.exhausted) return undefined;
    const items = this.#callBack(() => this.#input.take(size));
    if (items.length === 0) return undefined;
    const chunk = new Chunk<Job>(this, this.#given, items);
    this.#given += items.length;
    this.#count();
    return chunk;
  }

  #room(): number {
    const { bufferSize } = this.policy;
    if (bufferSize === undefined) return Infinity;
    return Math.max(0, bufferSize() - (this.#given - (this.#collector.taken ?? 0)));
  }

  #total(): number | undefined {
    return this.#input.exhausted ? this.#given : this.#input.length;
  }

  /** Takes note that tasks have an outcome; tells whether the job still wants it. */
  #settle(tasks: number, outcome: Outcome): boolean {
    this.#done += tasks;
    this.#count();
    if (this.#over) return false;
    this.#owner?.settled(outcome, tasks);
    return true;
  }

  #count(): void {
    const held = this.#over ? 0 : this.unsettled;
    if (held === this.#held) return;
    this.#owner?.held(held - this.#held);
    this.#held = held;
  }

  #finishIfDone(): void {
    if (this.#over || this.isAtWork) return;
    if (this.#input.exhausted) this.#finish(() => this.#collector.end(this.#input.failure));
    else if (this.#input.probe !== undefined) this.#owner?.unsure(this);
  }

  #finish(settle: () => void): void {
    this.#over = true;
    this.#count();
    this.#returned = undefined;
    this.#sizeReturned = 0;
    this.#cleanUp = this.#callBack(() => this.#input.cancel());
    // Its error is for those who wait for the clean-up; a job that failed already has one.
    this.#cleanUp?.catch(() => {});
    this.policy.onOver?.();
    settle();
    this.#owner?.over(this);
  }
}
