import { AsyncResult, callBack } from "./async_result.ts";
import { CallSites, misuse, stackOf } from "./core/error_stack.ts";
import { ApplyCalls } from "./core/pool/apply_calls.ts";
import {
  adaptiveChunkSize,
  defaultBufferSize,
  FunctionTable,
  type KnownFunction,
} from "./core/pool/functions.ts";
import {
  type Collector,
  ImapCollector,
  MapCollector,
  type Resolvers,
  SettledCollector,
} from "./core/pool/collectors.ts";
import { Job } from "./core/pool/job.ts";
import { type JobPolicy, PLAIN_POLICY } from "./core/pool/policy.ts";
import type { PoolLimits } from "./core/ports.ts";
import type { Scheduler } from "./core/pool/scheduler.ts";
import { lengthOf, openInput, type TaskInput } from "./core/pool/inputs.ts";
import { checkMaySubmit } from "./core/worker/pools_above.ts";
import { isPoolWorker } from "./core/worker/task_context.ts";
import type { TaskCode } from "./core/wire/source_text.ts";
import {
  keyOf,
  type TaskFunction,
  type TaskHome,
  type TaskRef,
  taskRefOf,
} from "./core/wire/task_ref.ts";
import { PoolStateError } from "./errors.ts";
import {
  type AnyTaskOptions,
  type AsyncOptions,
  checkTaskOptions,
  type ImapOptions,
  type MapOptions,
  NO_OPTIONS,
  type TaskOptions,
} from "./options.ts";
import { CollectedResults, type ResultIterator } from "./result_iterator.ts";
import { captureContext } from "./runtime/async_context.ts";

/** Into so many parts a buffer of the pool's own size is divided: it is filled up by whole ones. */
const MIN_ROOM_PARTS = 4;

/** Any function: the pool's public signatures have checked it. */
export type AnyTask = TaskFunction<never[], unknown>;

/** Any input, likewise. */
export type AnyItems = Iterable<unknown> | AsyncIterable<unknown>;

/** How a method of the pool sees items. */
interface Shape {
  /** Whether they are lists of arguments. */
  readonly spread: boolean;
}

/** What a call of one of the methods with many tasks is given. */
interface Many {
  readonly fn: AnyTask;
  readonly items: AnyItems;
  readonly options: MapOptions<never>;
}

/** What all submissions of a pool have in common. */
export interface SubmitterSettings {
  readonly limits: PoolLimits;
  /** Where plain functions are found. */
  readonly home: TaskHome;
  /** Where plain functions are noted, if they run on this thread. */
  readonly local: Map<string, TaskCode> | undefined;
}

/** Turns the calls of a pool's methods into jobs. */
export class Submitter {
  readonly #scheduler: Scheduler;
  readonly #settings: SubmitterSettings;
  readonly #functions = new FunctionTable();
  readonly #callSites = new CallSites();
  readonly #isInWorker = isPoolWorker();
  /** Saves reading a function's source text each time. */
  readonly #known = new WeakMap<object, KnownFunction>();

  constructor(scheduler: Scheduler, settings: SubmitterSettings) {
    this.#scheduler = scheduler;
    this.#settings = settings;
  }

  /** One task, as a promise. Equal calls in a row are one job. */
  apply(fn: AnyTask, args: readonly unknown[], given?: TaskOptions): Promise<unknown> {
    const options = given === undefined ? NO_OPTIONS : given;
    const known = this.#prepare(fn, options, args);
    const isPlain = given === undefined && this.#settings.limits.taskTimeout === undefined;
    const callSite = this.#callSites.note();
    return new Promise((resolve, reject) => {
      this.#scheduler.checkQueue();
      const resolvers = { resolve, reject, callSite };
      if (isPlain) this.#scheduler.submitCall(known, args, resolvers);
      else this.#submitCall(known, oneCall(args, resolvers), options);
    });
  }

  /** One task, as a result that can be asked and aborted. */
  applyAsync(
    fn: AnyTask,
    args: readonly unknown[],
    options: TaskOptions & AsyncOptions<never>,
  ): AsyncResult<unknown> {
    const known = this.#prepare(fn, options, args);
    const callSite = this.#callSites.note();
    let job: Job | undefined;
    const promise = new Promise((resolve, reject) => {
      this.#scheduler.checkQueue();
      const call = oneCall(args, { resolve, reject, callSite });
      job = this.#submitCall(known, call, options, { abortable: true });
    });
    return new AsyncResult(callBack(promise, options), (reason) => {
      if (job !== undefined) this.#scheduler.abort(job, reason);
    });
  }

  /** Many tasks, as a promise for all values. */
  map<R>(fn: AnyTask, items: AnyItems, options: MapOptions<never>, shape: Shape): Promise<R[]> {
    const { promise, ...resolvers } = Promise.withResolvers<R[]>();
    this.#submitMany({ fn, items, options }, collectingMap(shape), mapCollector(resolvers, items));
    return promise;
  }

  /** Many tasks, as a result that can be asked and aborted. */
  mapAsync<R>(
    fn: AnyTask,
    items: AnyItems,
    options: MapOptions<never> & AsyncOptions<R[]>,
    shape: Shape,
  ): AsyncResult<R[]> {
    const { promise, ...resolvers } = Promise.withResolvers<R[]>();
    const collector = mapCollector(resolvers, items);
    const policy = { ...collectingMap(shape), abortable: true };
    const job = this.#submitMany({ fn, items, options }, policy, collector);
    // As in Python, there is no callback for an input without items.
    const called = callBack(promise, {
      callback: (values) => values.length > 0 && options.callback?.(values),
      errorCallback: (error) => options.errorCallback?.(error),
    });
    return new AsyncResult(called, (reason) => this.#scheduler.abort(job, reason));
  }

  /** Many tasks, as a promise for all outcomes. */
  mapSettled<R>(
    fn: AnyTask,
    items: AnyItems,
    options: MapOptions<never>,
  ): Promise<PromiseSettledResult<R>[]> {
    const { promise, ...resolvers } = Promise.withResolvers<PromiseSettledResult<R>[]>();
    const collector = new SettledCollector(resolvers);
    this.#submitMany({ fn, items, options }, { spread: false, failFast: false }, collector);
    return promise;
  }

  /** Many tasks, as an iterator over results. */
  imap<R>(
    fn: AnyTask,
    items: AnyItems,
    options: ImapOptions<never>,
    shape: Shape & { readonly ordered: boolean },
  ): ResultIterator<R> {
    const collector: ImapCollector<R> = new ImapCollector(shape.ordered, () => job.makeRoom());
    const known = this.#prepare(fn, options);
    const { limits } = this.#settings;
    const { chunkSize, bufferSize } = options;
    const ahead = (isAwaited: boolean) => {
      const size = chunkSize ?? adaptiveChunkSize(known.cost, undefined, limits);
      return bufferSize ?? defaultBufferSize(size, limits.workers, isAwaited);
    };
    const buffer = {
      bufferSize: () => ahead(collector.isAwaited),
      leastRoom: () => bufferSize === undefined ? ahead(false) / MIN_ROOM_PARTS : 1,
    };
    // Written at once: it would hold the reader, and so what may be forgotten, until the job ends.
    const callSite = { stack: stackOf(new Error()) };
    const policy = { ...buffer, spread: shape.spread, eager: true, callSite };
    const job = this.#submitMany({ fn, items, options }, policy, collector);
    return new CollectedResults(collector, () => {
      collector.close();
      job.cancel();
      return job.cleanUp;
    });
  }

  /** One task for each worker, as a promise for all values. */
  broadcast(fn: AnyTask, args: readonly unknown[]): Promise<unknown[]> {
    const known = this.#prepare(fn, NO_OPTIONS, args);
    const { promise, ...resolvers } = Promise.withResolvers<unknown[]>();
    const { workers } = this.#settings.limits;
    const input = openInput(Array.from({ length: workers }, () => args), true, () => {});
    const shape = { bound: true, counted: true, spread: true, callSite: new Error() };
    const policy = { ...this.#policy(NO_OPTIONS), ...shape };
    this.#scheduler.broadcast(new Job(known, policy, input, new MapCollector(resolvers)));
    return promise;
  }

  /** What every submission begins with. */
  #prepare(fn: AnyTask, options: AnyTaskOptions, args?: readonly unknown[]): KnownFunction {
    checkTaskOptions(options, args === undefined ? "function" : "array");
    if (args !== undefined) checkArguments(args);
    this.#checkRunning();
    let known = this.#known.get(fn);
    if (known === undefined) {
      const ref = taskRefOf(fn, this.#settings.home);
      noteLocal(fn, ref, this.#settings.local);
      known = this.#functions.intern(ref);
      this.#known.set(fn, known);
    }
    if (this.#isInWorker && known.ref.kind === "module") checkMaySubmit(known.ref.url);
    return known;
  }

  #checkRunning(): void {
    const { state } = this.#scheduler;
    if (state !== "closed" && state !== "terminated") return;
    throw misuse(new PoolStateError(`Cannot submit the task as the pool is not running: ${state}`));
  }

  #submitCall(
    fn: KnownFunction,
    calls: ApplyCalls,
    options: TaskOptions,
    given: Partial<JobPolicy> = {},
  ): Job {
    // Types of the platform's own have no place in what is public: some have no name for these.
    const transfer = options.transfer as Transferable[] | undefined ?? [];
    const { onReport } = options;
    const policy = {
      ...this.#policy(options),
      counted: true,
      spread: true,
      transfer: transfer.length === 0 ? undefined : () => transfer,
      onReport: onReport && ((value: unknown) => onReport.call(options, value)),
      context: onReport && captureContext(),
      ...given,
    };
    return this.#submit(fn, policy, { input: calls, collector: calls }, options.signal);
  }

  #submitMany({ fn, items, options }: Many, shape: Partial<JobPolicy>, collector: Collector): Job {
    const known = this.#prepare(fn, options);
    const { chunkSize, failFast = false, onProgress, onReport, signal } = options;
    const isLive = shape.bufferSize !== undefined;
    const input = openInput(items, chunkSize !== undefined, () => job.wake(), isLive);
    try {
      // To open it is to run its code, which may have ended the pool.
      this.#checkRunning();
    } catch (error) {
      input.cancel()?.catch(() => {});
      throw error;
    }
    const context = isLazy(items) || callsBack(options) ? captureContext() : undefined;
    const policy: JobPolicy = {
      ...this.#policy(options),
      context,
      chunkSize,
      failFast,
      onProgress: onProgress?.bind(options),
      eager: onProgress !== undefined && chunkSize === undefined,
      onReport: onReport?.bind(options),
      transfer: bindTransfer(options, context),
      callSite: new Error(),
      ...shape,
    };
    const job: Job = this.#submit(known, policy, { input, collector }, signal);
    return job;
  }

  #policy(options: TaskOptions | MapOptions<never>): JobPolicy {
    const { limits } = this.#settings;
    const { timeout = limits.taskTimeout, priority = 0, retries = limits.retries } = options;
    const abortable = options.signal !== undefined;
    return { ...PLAIN_POLICY, counted: false, timeout, priority, retries, abortable };
  }

  #submit(
    fn: KnownFunction,
    policy: JobPolicy,
    { input, collector }: { readonly input: TaskInput; readonly collector: Collector },
    signal: AbortSignal | undefined,
  ): Job {
    const abort = () => this.#scheduler.abort(job, signal?.reason);
    const onOver = () => signal?.removeEventListener("abort", abort);
    const job = new Job(fn, { ...policy, onOver }, input, collector);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) this.#scheduler.abort(job, signal.reason);
    else this.#scheduler.submit(job);
    return job;
  }
}

/** Notes a plain function under its reference, for tasks that run on this thread. */
export function noteLocal(
  fn: AnyTask | undefined,
  ref: TaskRef,
  local: Map<string, TaskCode> | undefined,
): void {
  // Its parameters are those that the public signature checked its arguments against.
  if (typeof fn === "function" && ref.kind !== "source") local?.set(keyOf(ref), fn as TaskCode);
}

function oneCall(args: readonly unknown[], resolvers: Resolvers<unknown>): ApplyCalls {
  const calls = new ApplyCalls();
  calls.add(args, resolvers);
  return calls;
}

function mapCollector<R>(resolvers: Resolvers<R[]>, items: AnyItems): MapCollector<R> {
  return new MapCollector(resolvers, lengthOf(items));
}

/** As in Python, an item's error ends its chunk. */
function collectingMap(shape: Shape): Partial<JobPolicy> {
  return { ...shape, stopOnError: true };
}

/** Whether reading the items may run the caller's code. */
function isLazy(items: AnyItems): boolean {
  return !Array.isArray(items);
}

function callsBack({ onProgress, onReport, transfer }: MapOptions<never>): boolean {
  return (onProgress ?? onReport ?? transfer) !== undefined;
}

function bindTransfer(
  options: MapOptions<never>,
  context: JobPolicy["context"],
): JobPolicy["transfer"] {
  // The items are of the type that the public signature gave the option.
  const transfer = options.transfer?.bind(options) as JobPolicy["transfer"];
  if (transfer === undefined || context === undefined) return transfer;
  return (item, index) => context(() => transfer(item, index));
}

function checkArguments(args: unknown): void {
  if (Array.isArray(args)) return;
  throw misuse(
    new TypeError(`Cannot submit the task as its arguments must be an array: ${typeof args}`),
  );
}
