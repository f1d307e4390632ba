import { SerializationError } from "../../errors.ts";
import { Fifo } from "../queues.ts";
import { decodeError, encodeError, type ErrorRecord } from "../wire/error_codec.ts";
import { isModest } from "../wire/contents.ts";
import {
  type FromWorker,
  isToWorker,
  kindOf,
  type ToWorker,
  unreachable,
  type WireChunk,
} from "../wire/protocol.ts";
import { wrap } from "../wire/packing.ts";
import { ClaimWords, SharedResults } from "../wire/shared_memory.ts";
import { ChunkRun, isThenable } from "./chunk_run.ts";
import { Gathered } from "../wire/gathered.ts";
import { Outbox, type TaskThread } from "./outbox.ts";
import {
  importModule,
  type LoadedFunction,
  type LocalTasks,
  type PlacedFunction,
  TaskLoader,
} from "./task_loader.ts";
import { type CurrentTask, type TaskProvider, thread } from "./thread_state.ts";

/** The worker's half of the pool: takes chunks, runs their tasks one by one, sends the results. */
export class TaskRunner implements TaskProvider {
  readonly #thread: TaskThread;
  readonly #loader: TaskLoader;
  readonly #waiting = new Fifo<WireChunk>();
  /** How many messages have come. */
  #received = 0;
  #workerName = "";
  #claims: ClaimWords | undefined;
  #results: SharedResults | undefined;
  readonly #values = new Gathered();
  #busy = false;
  #run: ChunkRun | undefined;
  /** The last task whose own code, or the pool, asked for it. */
  #task: RunningTask | undefined;
  #outbox: Outbox | undefined;

  /**
   * @param thread The thread that runs the tasks.
   * @param local What the caller passed itself, if it is its own thread.
   */
  constructor(thread: TaskThread, local?: LocalTasks) {
    this.#thread = thread;
    this.#loader = new TaskLoader(local);
  }

  /** The functions of this module answer references that name no module. */
  serve(module: object): void {
    this.#loader.serve(module);
  }

  currentTask(): RunningTask | undefined {
    if (this.#run === undefined) return undefined;
    const { chunk, position } = this.#run;
    if (!this.#task?.isAt(chunk.id, position)) {
      this.#task = new RunningTask(chunk.id, position, this.#workerName, this.#thread);
    }
    return this.#task;
  }

  /** Sends the results that were kept back, as the thread is about to end. */
  flush(): void {
    this.#outbox?.flush();
    if (this.#run !== undefined) {
      this.#thread.post({ kind: "ending", chunk: this.#run.chunk.id }, []);
    }
  }

  /**
   * Takes a message of the pool.
   *
   * @returns What follows of it, where that takes longer; it rejects as this throws.
   * @throws {TypeError} If it is none.
   */
  receive(message: unknown): Promise<void> | void {
    this.#received++;
    if (!isToWorker(message)) {
      throw new TypeError(
        `Cannot follow the pool as its message is malformed: ${kindOf(message)}`,
      );
    }
    switch (message.kind) {
      case "init":
        return this.#initialize(message);
      case "run":
        for (const chunk of message.chunks) this.#waiting.push(chunk);
        return this.#busy ? undefined : this.#runAll();
      case "abort":
        if (this.#run?.chunk.id !== message.chunk) return;
        return this.#asTask(() => this.currentTask()?.abort(decodeError(message.reason)));
      case "stop":
        return this.#thread.stop();
      default:
        return unreachable(message);
    }
  }

  refused(error: Error): void {
    this.#thread.post({ kind: "refused", error: encodeError(error) }, []);
  }

  /** A message of the pool has come that cannot be read. */
  unreadable(): void {
    this.#thread.post({ kind: "unreadable", message: this.#received++ }, []);
  }

  async #initialize(message: ToWorker & { kind: "init" }): Promise<void> {
    this.#workerName = message.workerName;
    if (!this.#thread.isShared) { for (const url of message.modules) thread().modules.add(url); }
    const { memory } = message;
    // The next task may take hours.
    this.#claims = memory && new ClaimWords(memory, () => this.#outbox?.flush());
    this.#results = memory && new SharedResults(memory);
    if (message.startModule !== undefined) await this.#importFirst(message.startModule);
    try {
      if (message.initializer !== undefined) {
        const { ref, args } = message.initializer;
        this.#thread.post({ kind: "initializing" }, []);
        const initializer = await this.#loader.find(ref);
        await this.#asTask(() => initializer(...args));
      }
    } catch (thrown) {
      const error = encodeError(thrown);
      return this.#thread.post({ kind: "initFailed", error }, []);
    }
    this.#thread.post({ kind: "ready" }, []);
  }

  /** Whoever needs a module that fails will meet its error: until then it is nobody's. */
  async #importFirst(url: string): Promise<void> {
    this.#thread.post({ kind: "importing" }, []);
    try {
      await importModule(url);
    } catch {
      this.#thread.post({ kind: "importFailed" }, []);
    }
  }

  async #runAll(): Promise<void> {
    this.#busy = true;
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      const placed = this.#loader.at(chunk.fn, chunk.ref);
      const known = placed?.loaded;
      const fn = known ?? await this.#load(placed, chunk);
      if (fn === undefined) continue;
      // Else the pool would take the time of the first task for that of the import.
      if (known === undefined || chunk.tellsEachTask) {
        this.#thread.post({ kind: "began", chunk: chunk.id }, []);
      }
      await this.#runChunk(fn, chunk);
    }
    this.#busy = false;
  }

  async #load(
    placed: PlacedFunction | undefined,
    { id: chunk, fn }: WireChunk,
  ): Promise<LoadedFunction | undefined> {
    try {
      if (placed === undefined) {
        throw new TypeError(`Cannot run a task as its function is unknown: ${fn}`);
      }
      if (placed.ref.kind !== "source") this.#thread.post({ kind: "loading", chunk }, []);
      return await this.#loader.load(placed);
    } catch (thrown) {
      const error = encodeError(thrown);
      this.#thread.post({ kind: "loadFailed", chunk, error }, []);
      return undefined;
    }
  }

  async #runChunk(fn: LoadedFunction, chunk: WireChunk): Promise<void> {
    const outbox = this.#outbox = new Outbox(chunk, this.#thread, this.#values, this.#results);
    this.#run = new ChunkRun(chunk, this.#confine(fn), outbox, this.#claims);
    await this.#runAsTasks(() => this.#run?.toEnd());
    this.#run = undefined;
    // A caller that has the last result may end the process: output must not come behind it.
    const output = this.#thread.settleOutput?.();
    if (output !== undefined) await output;
    this.#outbox = undefined;
    outbox.end();
  }

  /** Makes calls of a function known as the running task's own, where the caller's code runs as well. */
  #confine(fn: LoadedFunction): LoadedFunction {
    if (!this.#thread.isShared) return fn;
    const { code } = fn;
    return { ...fn, code: (...args) => this.#asTask(() => adopt(code(...args))) };
  }

  /** In a worker all tasks are run as one: only what is none of them must be told from them. */
  #runAsTasks<R>(code: () => R): R {
    return this.#thread.isShared ? code() : this.#asTask(code);
  }

  #asTask<R>(code: () => R): R {
    const { scope, isShared } = this.#thread;
    if (scope === undefined) return code();
    return scope.run(isShared ? this.currentTask() ?? null : this, code);
  }
}

/** A thenable's `then` is its task's code as well. */
function adopt(returned: unknown): unknown {
  return isThenable(returned) ? Promise.resolve(returned) : returned;
}

/** The task that runs, as its own code sees it. */
export class RunningTask implements CurrentTask, TaskProvider {
  readonly workerName: string;
  readonly #chunk: number;
  readonly #position: number;
  readonly #thread: TaskThread;
  #controller: AbortController | undefined;

  constructor(chunk: number, position: number, workerName: string, thread: TaskThread) {
    this.#chunk = chunk;
    this.#position = position;
    this.workerName = workerName;
    this.#thread = thread;
  }

  /** Itself: what it leaves behind on the caller's thread is still its own. */
  currentTask(): CurrentTask {
    return this;
  }

  /** Its signal; most tasks never look at it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Whether it is the task at this position of this chunk. */
  isAt(chunk: number, position: number): boolean {
    return this.#chunk === chunk && this.#position === position;
  }

  /** Sends a value to the job's caller. */
  report(value: unknown): void {
    const { packed, transfer } = wrap([value], []);
    const [chunk, position] = [this.#chunk, this.#position];
    if (!isModest(value)) this.#thread.post(insteadOfReport(chunk), []);
    this.#thread.post({ kind: "report", chunk, position, value: Reflect.get(packed, 0) }, transfer);
  }

  /** Aborts its signal. */
  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

/** The error of a report that cannot be read; made once, as Bun takes milliseconds for a stack. */
let unreadable: ErrorRecord | undefined;

function insteadOfReport(chunk: number): FromWorker {
  const text = "Cannot read what the task reports as it is nested too deeply, or too large";
  unreadable ??= encodeError(new SerializationError(`${text}: report`));
  return { kind: "instead", message: { kind: "reportFailed", chunk, error: unreadable } };
}
