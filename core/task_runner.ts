import { Claims } from "./claims.ts";
import { decodeError, encodeError } from "./error_codec.ts";
import { Fifo } from "./fifo.ts";
import { Outbox, type RunnerHost } from "./outbox.ts";
import { restoreInts } from "./packed_numbers.ts";
import { unpack, type Values } from "./packing.ts";
import { isToWorker, kindOf, type ToWorker, unreachable, type WireChunk } from "./protocol.ts";
import { type CurrentTask, type TaskProvider, thread } from "./task_context.ts";
import { type LocalTasks, type TaskCode, TaskLoader } from "./task_loader.ts";
import type { TaskRef } from "./task_ref.ts";

/** The worker's half of the pool: takes chunks, runs their tasks one by one, sends the results. */
export class TaskRunner implements TaskProvider {
  readonly #host: RunnerHost;
  readonly #loader: TaskLoader;
  readonly #waiting = new Fifo<WireChunk>();
  readonly #inlineFunctions = new Set<number>();
  /** Where functions are that could not be loaded: the pool does not say it twice. */
  readonly #missing = new Map<number, TaskRef>();
  #workerName = "";
  #claims: Claims | undefined;
  #busy = false;
  #chunk: WireChunk | undefined;
  #position = 0;
  /** The task at that position, once its own code or the pool asks for it. */
  #running: RunningTask | undefined;
  #outbox: Outbox | undefined;

  /**
   * @param host The thread that runs the tasks.
   * @param local What the caller passed itself, if it is its own thread.
   */
  constructor(host: RunnerHost, local?: LocalTasks) {
    this.#host = host;
    this.#loader = new TaskLoader(local);
  }

  /** The functions of this module answer references that name no module. */
  serve(module: object): void {
    this.#loader.serve(module);
  }

  currentTask(): RunningTask | undefined {
    if (this.#chunk === undefined) return undefined;
    return this.#running ??= new RunningTask(
      this.#chunk,
      this.#position,
      this.#workerName,
      this.#host,
    );
  }

  /** Sends the results that were kept back, as the thread is about to end. */
  flush(): void {
    this.#outbox?.flush();
    if (this.#chunk !== undefined) this.#host.post({ kind: "ending", chunk: this.#chunk.id }, []);
  }

  /**
   * Takes a message of the pool.
   *
   * @throws {TypeError} If it is none.
   */
  receive(message: unknown): void {
    if (!isToWorker(message)) {
      throw new TypeError(
        `Cannot follow the pool as its message is malformed: ${kindOf(message)}`,
      );
    }
    switch (message.kind) {
      case "init":
        return void this.#initialize(message);
      case "run":
        for (const chunk of message.chunks) this.#waiting.push(chunk);
        return this.#busy ? undefined : void this.#runAll();
      case "abort":
        if (this.#chunk?.id !== message.chunk) return;
        return this.currentTask()?.abort(decodeError(message.reason));
      case "stop":
        return this.#host.stop();
      default:
        return unreachable(message);
    }
  }

  async #initialize(message: ToWorker & { kind: "init" }): Promise<void> {
    this.#workerName = message.workerName;
    if (message.memory !== undefined) this.#claims = new Claims(message.memory);
    try {
      if (message.initializer !== undefined) {
        const { ref, args } = message.initializer;
        this.#host.post({ kind: "initializing" }, []);
        const initializer = await this.#loader.find(ref);
        await initializer(...args);
      }
    } catch (thrown) {
      const error = encodeError(thrown, this.#host.clone);
      return this.#host.post({ kind: "initFailed", error }, []);
    }
    this.#host.post({ kind: "ready" }, []);
  }

  async #runAll(): Promise<void> {
    this.#busy = true;
    for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
      const known = this.#loader.get(chunk.fn);
      const code = known ?? await this.#load(chunk);
      if (code === undefined) continue;
      // Else the pool would take the time of the first task for that of the import.
      if (known === undefined || chunk.prompt) {
        this.#host.post({ kind: "began", chunk: chunk.id }, []);
      }
      await this.#runChunk(code, chunk);
    }
    this.#busy = false;
  }

  async #load(chunk: WireChunk): Promise<TaskCode | undefined> {
    const { fn } = chunk;
    const ref = chunk.ref ?? this.#missing.get(fn);
    try {
      if (ref === undefined) {
        throw new TypeError(`Cannot run a task as its function is unknown: ${fn}`);
      }
      this.#missing.set(fn, ref);
      if (ref.kind === "source") this.#inlineFunctions.add(fn);
      else this.#host.post({ kind: "loading", chunk: chunk.id }, []);
      const code = await this.#loader.load(fn, ref);
      this.#missing.delete(fn);
      return code;
    } catch (thrown) {
      const error = encodeError(thrown, this.#host.clone);
      this.#host.post({ kind: "loadFailed", chunk: chunk.id, error }, []);
      return undefined;
    }
  }

  async #runChunk(code: TaskCode, chunk: WireChunk): Promise<void> {
    const outbox = this.#outbox = new Outbox(chunk, this.#host);
    this.#chunk = chunk;
    thread.provider = this;
    await this.#runTasks(code, chunk, outbox);
    this.#chunk = undefined;
    // Whoever has the last result may end the process: output must not come behind it.
    const output = this.#host.settleOutput?.();
    if (output !== undefined) await output;
    this.#outbox = undefined;
    thread.provider = undefined;
    outbox.end();
  }

  async #runTasks(code: TaskCode, chunk: WireChunk, outbox: Outbox): Promise<void> {
    const { word, spread, stopOnError, prompt } = chunk;
    const claims = this.#claims;
    const items = itemsOf(chunk);
    for (let position = 0; position < items.length; position++) {
      if (claims?.begin(word) === false) return;
      this.#position = position;
      this.#running = undefined;
      try {
        const returned = spread ? callSpread(code, items[position]) : code(items[position]);
        // Awaited only if need be, as each await costs more than a small task.
        outbox.addValue(isThenable(returned) ? await this.#patiently(returned, outbox) : returned);
      } catch (error) {
        outbox.addError(this.#inlineFunctions.has(chunk.fn) ? explainScope(error) : error);
        if (stopOnError) return;
      }
      // The last result goes with the news that the chunk is over: its worker is free by then.
      if (position + 1 === items.length) return;
      if (prompt) outbox.flush();
      else outbox.flushIfDue();
    }
  }

  /** Waits for a task; meanwhile the results before it need not wait. */
  #patiently(returned: PromiseLike<unknown>, outbox: Outbox): PromiseLike<unknown> {
    outbox.flush();
    return returned;
  }
}

/** The task that runs, as its own code sees it. */
class RunningTask implements CurrentTask {
  readonly workerName: string;
  readonly #chunk: number;
  readonly #position: number;
  readonly #host: RunnerHost;
  #controller: AbortController | undefined;

  constructor(chunk: WireChunk, position: number, workerName: string, host: RunnerHost) {
    this.#chunk = chunk.id;
    this.workerName = workerName;
    this.#position = position;
    this.#host = host;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#host.newAbortController();
    return this.#controller.signal;
  }

  report(value: unknown): void {
    const kind = "report";
    this.#host.post({ kind, chunk: this.#chunk, position: this.#position, value }, []);
  }

  abort(reason: unknown): void {
    this.#controller ??= this.#host.newAbortController();
    this.#controller.abort(reason);
  }
}

function itemsOf(chunk: WireChunk): Values {
  const items = unpack(chunk.items);
  return items instanceof Float64Array ? restoreInts(items) : items;
}

/** A list of arguments that cannot be spread throws here, and so fails its own task. */
function callSpread(code: TaskCode, list: unknown): unknown {
  return code(...list as unknown[]);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

/** An inline function that reaches outside itself finds nothing: the engine cannot say why. */
function explainScope(error: unknown): unknown {
  try {
    if (error instanceof ReferenceError) {
      error.message += ". An inline function is sent to its worker as source text, without the " +
        "variables around it: pass them as arguments, or export the function from a module";
    }
  } catch {
    // It does not let itself be changed, or even looked at: it goes as it is.
  }
  return error;
}
