/** What a running task may know and say; see {@linkcode currentTask}. */
export interface CurrentTask {
  /** Aborts when the task's caller aborts it, or its time is over. */
  readonly signal: AbortSignal;
  /** Name of the worker that runs the task. */
  readonly workerName: string;
  /**
   * Sends a value to the `onReport` of the job.
   *
   * @param value Anything that can be cloned.
   * @throws {DataCloneError} If it cannot.
   */
  report(value: unknown): void;
}

/** Who knows which task runs. */
export interface TaskProvider {
  /** The task that runs at this moment, if one does. */
  currentTask(): CurrentTask | undefined;
  /** Tells the pool above that code of its worker asked for what would never end. */
  refused?(error: Error): void;
}

/** Tells the code of tasks from other code of the same thread; `AsyncLocalStorage` is one. */
export interface TaskScope {
  /** Runs code as that of tasks, which somebody knows, or of none if it is `null`. */
  run<R>(provider: TaskProvider | null, code: () => R): R;
  /** Who knows the task whose code asks, `null` for that of none; `undefined` for other code. */
  getStore(): TaskProvider | null | undefined;
  /** Whether it ends at the first `await`: other code may be a task's all the same. */
  readonly endsAtAwait?: boolean;
}

/** The scope of platforms where nothing follows code through an `await`: it ends there. */
export class SyncScope implements TaskScope {
  readonly endsAtAwait = true;
  #provider: TaskProvider | null | undefined;

  run<R>(provider: TaskProvider | null, code: () => R): R {
    const before = this.#provider;
    this.#provider = provider;
    try {
      return code();
    } finally {
      this.#provider = before;
    }
  }

  getStore(): TaskProvider | null | undefined {
    return this.#provider;
  }
}

/** What belongs to a thread: a task has no other way to reach whoever runs it. */
export interface ThreadState {
  /** Who runs all tasks of a pool's worker. */
  provider: TaskProvider | undefined;
  /** Where tasks run, on a thread that is not theirs alone or in which pools may be made. */
  scope: TaskScope | undefined;
  /** Whether the thread is a pool's worker. */
  isPoolWorker: boolean;
  /** Whether its code can make pools. */
  hasPools: boolean;
  /** The task modules that are being imported. */
  readonly importing: string[];
  /** The task modules of the pools above, this worker's own and those of the workers that made it. */
  readonly modules: Set<string>;
  /** Which buffers go along with which result; a value that is never returned is forgotten. */
  readonly moved: WeakMap<object, readonly Transferable[]>;
}

/** Copies of the package in one thread share its state; 1 is the version of that state's shape. */
const KEY = Symbol.for("polypool.thread.1");

/** The state of this thread, made when it is first asked for: to import a file must change nothing. */
export function thread(): ThreadState {
  return existingState() ?? newState();
}

/** The state of this thread, if any copy of the package has made one. */
export function existingState(): ThreadState | undefined {
  return (globalThis as { [KEY]?: ThreadState })[KEY];
}

function newState(): ThreadState {
  const state: ThreadState = {
    provider: undefined,
    scope: undefined,
    isPoolWorker: false,
    hasPools: false,
    importing: [],
    modules: new Set(),
    moved: new WeakMap(),
  };
  Object.defineProperty(globalThis, KEY, { value: state });
  return state;
}
