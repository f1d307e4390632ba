import { AsyncResult, callBack } from "./async_result.ts";
import { ApplyCalls } from "./core/apply_calls.ts";
import type { Collector, Settler } from "./core/collector.ts";
import { adaptiveChunkSize, defaultBufferSize } from "./core/chunking.ts";
import { FunctionTable, type KnownFunction } from "./core/function_table.ts";
import { ImapCollector } from "./core/imap_collector.ts";
import { Job, type JobPolicy, PLAIN_POLICY } from "./core/job.ts";
import { MapCollector, SettledCollector } from "./core/map_collector.ts";
import { type PoolState, Scheduler } from "./core/scheduler.ts";
import { thread } from "./core/task_context.ts";
import { openInput, type TaskInput } from "./core/task_input.ts";
import { type TaskFunction, type TaskHome, taskRefOf } from "./core/task_ref.ts";
import { PoolStateError } from "./errors.ts";
import {
  type AnyTaskOptions,
  type AsyncOptions,
  type CheckedPoolOptions,
  checkPoolOptions,
  checkTaskOptions,
  type ImapOptions,
  type MapOptions,
  type PoolOptions,
  type PoolStats,
  type TaskOptions,
} from "./options.ts";
import { CollectedResults, type ResultIterator } from "./result_iterator.ts";
import { defaultIdleTimeout, defaultWorkers } from "./runtime/spawn.ts";
import { WorkerHandle, type WorkerSettings } from "./runtime/worker_handle.ts";

/** What tasks may come from. */
type Items<T> = Iterable<T> | AsyncIterable<T>;
/** Any function: the public signatures have checked it. */
type AnyTask = TaskFunction<never[], unknown>;

export class Pool implements AsyncDisposable {
  readonly #options: CheckedPoolOptions;
  readonly #home: TaskHome;
  readonly #scheduler: Scheduler;
  readonly #functions = new FunctionTable();
  /** Saves reading a function's source text each time. */
  readonly #known = new WeakMap<object, KnownFunction>();

  constructor(options: PoolOptions = {}) {
    refuseWhileImporting();
    const defaults = { workers: defaultWorkers(), idleTimeout: defaultIdleTimeout() };
    const checked = this.#options = checkPoolOptions(options, defaults);
    this.#home = homeOf(checked);
    const settings = workerSettings(checked, this.#home);
    this.#scheduler = new Scheduler(
      { ...checked, workers: Math.max(1, checked.workers) },
      (slot, scheduler) => new WorkerHandle(slot, scheduler, settings),
    );
  }

  get state(): PoolState {
    return this.#scheduler.state;
  }

  apply<R>(fn: TaskFunction<[], R>, args?: readonly [], options?: TaskOptions): Promise<R>;
  apply<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    args: readonly [...A],
    options?: TaskOptions,
  ): Promise<R>;
  apply(fn: AnyTask, args: readonly unknown[] = [], options?: TaskOptions): Promise<unknown> {
    const known = this.#prepare(fn, options ?? {});
    checkArguments(args);
    const isPlain = options === undefined && this.#options.taskTimeout === undefined;
    const callSite = new Error();
    return new Promise((resolve, reject) => {
      this.#scheduler.checkQueue();
      const settler = { resolve, reject, callSite };
      if (isPlain) this.#scheduler.submitCall(known, args, settler);
      else this.#submitOne(known, args, options ?? {}, settler);
    });
  }

  applyAsync<R>(
    fn: TaskFunction<[], R>,
    args?: readonly [],
    options?: TaskOptions & AsyncOptions<R>,
  ): AsyncResult<R>;
  applyAsync<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    args: readonly [...A],
    options?: TaskOptions & AsyncOptions<R>,
  ): AsyncResult<R>;
  applyAsync(
    fn: AnyTask,
    args: readonly unknown[] = [],
    options: TaskOptions & AsyncOptions<unknown> = {},
  ): AsyncResult<unknown> {
    const known = this.#prepare(fn, options);
    checkArguments(args);
    const callSite = new Error();
    let job: Job | undefined;
    const promise = new Promise((resolve, reject) => {
      this.#scheduler.checkQueue();
      job = this.#submitOne(known, args, options, { resolve, reject, callSite });
    });
    const { callback, errorCallback } = options;
    const called = callBack(promise, callback?.bind(options), errorCallback?.bind(options));
    return new AsyncResult(called, (reason) => {
      if (job !== undefined) this.#scheduler.abort(job, reason);
    });
  }

  map<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Items<T>,
    options?: MapOptions<T>,
  ): Promise<R[]> {
    return this.#gather<R>(fn, items, options, { spread: false }).promise;
  }

  mapAsync<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Items<T>,
    options?: MapOptions<T> & AsyncOptions<R[]>,
  ): AsyncResult<R[]> {
    return this.#gatherAsync<R>(fn, items, options, { spread: false });
  }

  starmap<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Items<readonly [...A]>,
    options?: MapOptions<readonly [...A]>,
  ): Promise<R[]> {
    return this.#gather<R>(fn, argLists, options, { spread: true }).promise;
  }

  starmapAsync<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Items<readonly [...A]>,
    options?: MapOptions<readonly [...A]> & AsyncOptions<R[]>,
  ): AsyncResult<R[]> {
    return this.#gatherAsync<R>(fn, argLists, options, { spread: true });
  }

  mapSettled<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Items<T>,
    options?: MapOptions<T>,
  ): Promise<PromiseSettledResult<R>[]> {
    const { promise, ...settler } = Promise.withResolvers<PromiseSettledResult<R>[]>();
    this.#submitMany(fn, items, options ?? {}, { spread: false }, new SettledCollector(settler));
    return promise;
  }

  imap<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Items<T>,
    options?: ImapOptions<T>,
  ): ResultIterator<R> {
    return this.#stream(fn, items, options, { spread: false, ordered: true });
  }

  imapUnordered<T, R>(
    fn: TaskFunction<[item: T], R>,
    items: Items<T>,
    options?: ImapOptions<T>,
  ): ResultIterator<R> {
    return this.#stream(fn, items, options, { spread: false, ordered: false });
  }

  istarmap<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Items<readonly [...A]>,
    options?: ImapOptions<readonly [...A]>,
  ): ResultIterator<R> {
    return this.#stream(fn, argLists, options, { spread: true, ordered: true });
  }

  istarmapUnordered<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Items<readonly [...A]>,
    options?: ImapOptions<readonly [...A]>,
  ): ResultIterator<R> {
    return this.#stream(fn, argLists, options, { spread: true, ordered: false });
  }

  broadcast<R>(fn: TaskFunction<[], R>, args?: readonly []): Promise<R[]>;
  broadcast<A extends unknown[], R>(fn: TaskFunction<A, R>, args: readonly [...A]): Promise<R[]>;
  broadcast(fn: AnyTask, args: readonly unknown[] = []): Promise<unknown[]> {
    const known = this.#prepare(fn, {});
    checkArguments(args);
    const { promise, ...settler } = Promise.withResolvers<unknown[]>();
    const input = openInput(
      Array.from({ length: Math.max(1, this.#options.workers) }, () => args),
      true,
      () => {},
    );
    const policy = { ...PLAIN_POLICY, timeout: this.#options.taskTimeout, pinned: true };
    const callSite = new Error();
    const collector = new MapCollector(settler);
    this.#scheduler.broadcast(new Job(known, { ...policy, callSite }, input, collector));
    return promise;
  }

  ready(): Promise<void> {
    return this.#options.workers === 0 && this.state === "running"
      ? Promise.resolve()
      : this.#scheduler.warmUp();
  }

  close(): void {
    this.#scheduler.close();
  }

  terminate(): Promise<void> {
    this.#scheduler.terminate();
    return this.#scheduler.ended;
  }

  join(): Promise<void> {
    if (this.state !== "running") return this.#scheduler.ended;
    const text = "Cannot join the pool as it must be closed or terminated first";
    return Promise.reject(new PoolStateError(`${text}: ${this.state}`));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  stats(): PoolStats {
    const { outcomes, queued, roster } = this.#scheduler;
    const { size: workers, idle, busy, restarted, abandoned } = roster;
    return { workers, idle, busy, queued, running: busy, ...outcomes, restarted, abandoned };
  }

  /** What every submission begins with. */
  #prepare(fn: AnyTask, options: AnyTaskOptions): KnownFunction {
    checkTaskOptions(options);
    if (this.state === "closed" || this.state === "terminated") {
      throw new PoolStateError(`Cannot submit the task as the pool is not running: ${this.state}`);
    }
    let known = this.#known.get(fn);
    if (known === undefined) {
      known = this.#functions.intern(taskRefOf(fn, this.#home));
      this.#known.set(fn, known);
    }
    return known;
  }

  #submitOne(
    fn: KnownFunction,
    args: readonly unknown[],
    options: TaskOptions,
    settler: Settler<unknown>,
  ): Job {
    const { transfer = [], onReport } = options;
    const calls = new ApplyCalls();
    calls.add(args, settler);
    const policy = {
      ...this.#policy(options),
      counted: true,
      transfer: transfer.length === 0 ? undefined : () => transfer,
      onReport: onReport && ((value: unknown) => onReport.call(options, value)),
    };
    return this.#submit(fn, policy, calls, calls, options.signal);
  }

  #gather<R>(
    fn: AnyTask,
    items: Items<unknown>,
    options: MapOptions<never> = {},
    shape: Partial<JobPolicy>,
  ): { promise: Promise<R[]>; job: Job } {
    const { promise, ...settler } = Promise.withResolvers<R[]>();
    const policy = { ...shape, stopOnError: true };
    return {
      promise,
      job: this.#submitMany(fn, items, options, policy, new MapCollector(settler)),
    };
  }

  #gatherAsync<R>(
    fn: AnyTask,
    items: Items<unknown>,
    options: MapOptions<never> & AsyncOptions<R[]> = {},
    shape: Partial<JobPolicy>,
  ): AsyncResult<R[]> {
    const { promise, job } = this.#gather<R>(fn, items, options, shape);
    const { callback } = options;
    // As in Python, nobody is called back for an input without items.
    const calls = callback &&
      ((values: R[]) => values.length > 0 && callback.call(options, values));
    return new AsyncResult(
      callBack(promise, calls, options.errorCallback?.bind(options)),
      (reason) => this.#scheduler.abort(job, reason),
    );
  }

  #stream<R>(
    fn: AnyTask,
    items: Items<unknown>,
    options: ImapOptions<never> = {},
    shape: Partial<JobPolicy> & { readonly ordered: boolean },
  ): ResultIterator<R> {
    const collector: ImapCollector<R> = new ImapCollector(shape.ordered, () => job.wake());
    const { bufferSize, chunkSize } = options;
    const known = this.#prepare(fn, options);
    const workers = Math.max(1, this.#options.workers);
    const adaptive = () => chunkSize ?? adaptiveChunkSize(known.cost, undefined, workers);
    const policy = {
      ...shape,
      bufferSize: () => bufferSize ?? defaultBufferSize(adaptive(), workers),
    };
    const job = this.#submitMany(fn, items, options, policy, collector);
    return new CollectedResults(collector, () => {
      job.cancel();
      return job.cleanUp;
    });
  }

  #submitMany(
    fn: AnyTask,
    items: Items<unknown>,
    options: MapOptions<never>,
    shape: Partial<JobPolicy>,
    collector: Collector,
  ): Job {
    const known = this.#prepare(fn, options);
    const { chunkSize, failFast = false, onProgress, onReport, signal, transfer } = options;
    const input = openInput(items, chunkSize !== undefined, () => job.wake());
    const policy: JobPolicy = {
      ...this.#policy(options),
      ...shape,
      chunkSize,
      failFast,
      onProgress: onProgress?.bind(options),
      onReport: onReport?.bind(options),
      transfer: transfer &&
        ((item: unknown, index: number) => transfer.call(options, item as never, index)),
      callSite: new Error(),
    };
    const job: Job = this.#submit(known, policy, input, collector, signal);
    return job;
  }

  #policy(options: TaskOptions | MapOptions<never>): JobPolicy {
    const { timeout = this.#options.taskTimeout, priority = 0, retries = 0 } = options;
    return { ...PLAIN_POLICY, counted: false, timeout, priority, retries };
  }

  #submit(
    fn: KnownFunction,
    policy: JobPolicy,
    input: TaskInput,
    collector: Collector,
    signal: AbortSignal | undefined,
  ): Job {
    const abort = () => this.#scheduler.abort(job, signal?.reason);
    const onOver = () => signal?.removeEventListener("abort", abort);
    const job = new Job(fn, { ...policy, onOver }, input, collector);
    if (signal?.aborted) {
      job.fail(signal.reason);
      return job;
    }
    signal?.addEventListener("abort", abort);
    this.#scheduler.submit(job);
    return job;
  }
}

function homeOf({ module, worker }: CheckedPoolOptions): TaskHome {
  if (module !== undefined) return { url: module };
  return worker === undefined ? undefined : "served";
}

function workerSettings(options: CheckedPoolOptions, home: TaskHome): WorkerSettings {
  const { workers, worker, initializer, initArgs } = options;
  return {
    ...options,
    source: { factory: worker, inline: workers === 0 },
    initializer: initializer && { ref: taskRefOf(initializer, home), args: initArgs },
  };
}

function checkArguments(args: unknown): void {
  if (Array.isArray(args)) return;
  throw new TypeError(`Cannot submit the task as its arguments must be an array: ${typeof args}`);
}

/** A task's module that makes a pool when imported would make pools without end. */
function refuseWhileImporting(): void {
  if (thread.importing === 0) return;
  throw new PoolStateError(
    "Cannot create a pool as this module is being imported by a pool's worker, " +
      "guard the main program with 'if (import.meta.main)': importing",
  );
}
