import { encodeError } from "../../../core/wire/error_codec.ts";
import type { JobChunk } from "../../../core/pool/job.ts";
import { unpack, type Values } from "../../../core/wire/packing.ts";
import type { FromWorker, ToWorker, WireChunk } from "../../../core/wire/protocol.ts";
import { Claims, SharedResults } from "../../../core/wire/shared_memory.ts";
import type { Scheduler } from "../../../core/pool/scheduler.ts";
import type { Slot } from "../../../core/pool/slot.ts";
import type { Death, WorkerControl } from "../../../core/pool/worker_control.ts";

/** What a task of the tests is told to do. */
export interface FakeTask {
  readonly id: string;
  /** Whether it throws. */
  readonly fails?: boolean;
  /** Whether it can be sent. */
  readonly unclonable?: boolean;
}

/** What the fake workers tell the test of. */
export interface FakeWatcher {
  began(task: FakeTask, worker: FakeWorker): void;
}

export class TaskFailure extends Error {}

/**
 * A worker whose test decides when anything happens. It treats claim words as
 * `core/task_runner.ts` does, and its pool as `runtime/worker_handle.ts` does.
 */
export class FakeWorker implements WorkerControl {
  readonly slot: Slot;
  /** Names of everything asked of it, in order. */
  readonly asked: string[] = [];
  /** Every chunk that it was sent. */
  readonly sent: WireChunk[] = [];
  /** Milliseconds of delay that its start was given. */
  delay = 0;
  /** Whether the thread exists. */
  spawned = false;
  /** Whether the pool asked it to end. */
  dismissed: "no" | "stop" | "kill" = "no";
  /** Whether the thread has ended. */
  dead = false;
  /** Whether the pool was told of its end. */
  gone = false;
  /** Tasks begun. */
  begun = 0;
  /** The task that runs. */
  task: FakeTask | undefined;
  /** Clocks that run, as what they call when they are over. */
  deadline: (() => void) | undefined;
  leisure: (() => void) | undefined;
  /** Whether an interrupted task gets time to end. */
  hasGrace = false;
  /** Milliseconds that a task is said to take. */
  cost = 0.01;
  readonly outbox: FromWorker[] = [];
  readonly inbox: ToWorker[] = [];
  readonly waiting: WireChunk[] = [];
  readonly #scheduler: Scheduler;
  readonly #watcher: FakeWatcher | undefined;
  readonly #claims: Claims | undefined;
  readonly #results: SharedResults | undefined;
  readonly #loaded = new Set<number>();
  readonly #names = new Map<number, string>();
  #chunk: WireChunk | undefined;
  /** Its items: to unpack them takes as long as it has. */
  #items: Values = [];
  /** Whether its function was loaded just now. */
  #isFresh = false;
  #position = 0;
  #from = 0;
  #values: unknown[] = [];
  #errors: [number, ReturnType<typeof encodeError>][] = [];

  constructor(slot: Slot, scheduler: Scheduler, watcher?: FakeWatcher) {
    this.slot = slot;
    this.#scheduler = scheduler;
    this.#watcher = watcher;
    // As a platform without shared memory leaves them.
    this.#claims = slot.memory && slot.claims && new Claims(slot.memory, () => this.#send(false));
    this.#results = slot.memory && slot.claims && new SharedResults(slot.memory);
  }

  // What the scheduler asks

  start(delay: number): void {
    this.asked.push("start");
    this.delay = delay;
    if (delay === 0) this.spawned = true;
    else this.leisure = () => void (this.spawned = true);
  }

  post(message: ToWorker, _transfer: readonly Transferable[]): void {
    this.asked.push(message.kind);
    if (message.kind === "run") {
      const items = message.chunks.flatMap((chunk) => [...unpack(chunk.items)]);
      if (items.some((item) => taskOf(item).unclonable)) {
        throw new DOMException("The item cannot be cloned", "DataCloneError");
      }
      this.sent.push(...message.chunks);
    }
    this.inbox.push(message);
  }

  watch(): void {
    this.deadline = () => this.#scheduler.timedOut(this.slot);
  }

  unwatch(): void {
    this.deadline = this.leisure = undefined;
  }

  watchInitializer(): void {
    this.deadline = () => this.#scheduler.initFailed(this.slot, new Error("too slow"));
  }

  watchLoad(): void {
    this.deadline = () => this.#scheduler.loadTimedOut(this.slot, 30_000);
  }

  interrupt(_chunk: JobChunk, _reason: unknown): void {
    this.asked.push("interrupt");
    this.deadline = undefined;
    if (!this.hasGrace) return this.#scheduler.graceOver(this.slot);
    this.leisure = () => this.#scheduler.graceOver(this.slot);
  }

  rest(): void {
    this.asked.push("rest");
    this.deadline = undefined;
    this.leisure = () => this.#scheduler.restedLong(this.slot);
  }

  endForBadMessage(message: unknown): never {
    throw new Error(`an honest worker is not trusted: ${JSON.stringify(message)}`);
  }

  hold(): void {
    this.asked.push("hold");
  }

  release(): void {
    this.asked.push("release");
  }

  stop(): void {
    this.#dismiss("stop");
  }

  kill(): void {
    this.#dismiss("kill");
  }

  #dismiss(how: "stop" | "kill"): void {
    if (this.gone) throw new Error(`${this.slot.name} is asked to ${how} after its end`);
    this.asked.push(how);
    this.dismissed = how;
    this.deadline = this.leisure = undefined;
    if (!this.spawned) this.leave();
  }

  // What the thread does, when the test wants it

  /** Whether the thread can do anything. */
  get canStep(): boolean {
    if (!this.spawned || this.dead || this.dismissed === "kill") return false;
    return this.inbox.length > 0 || this.#chunk !== undefined || this.waiting.length > 0;
  }

  /** Says that it is up. */
  ready(): void {
    this.outbox.push({ kind: "ready" });
  }

  /** Does the next thing: takes its messages, begins a task, or ends one. */
  step(flush = true): void {
    this.receive();
    if (this.#chunk === undefined) this.#open();
    else if (this.task !== undefined) this.#finish(this.#chunk, this.task, flush);
    else this.#begin(this.#chunk);
  }

  receive(): void {
    for (const message of this.inbox.splice(0)) {
      if (message.kind === "run") this.waiting.push(...message.chunks);
    }
  }

  #open(): void {
    const chunk = this.waiting[0];
    if (chunk === undefined) return;
    if (!this.#loaded.has(chunk.fn)) return this.#load(chunk);
    this.waiting.shift();
    this.#chunk = chunk;
    this.#items = unpack(chunk.items);
    this.#position = this.#from = 0;
    this.#results?.begin();
    if (chunk.prompt || this.#isFresh) this.outbox.push({ kind: "began", chunk: chunk.id });
    this.#isFresh = false;
  }

  /** A function named "broken" cannot be loaded. */
  #load({ id, fn, ref }: WireChunk): void {
    const name = ref?.name ?? this.#names.get(fn);
    if (name === undefined) throw new Error(`${this.slot.name} does not know function ${fn}`);
    this.#names.set(fn, name);
    this.outbox.push({ kind: "loading", chunk: id });
    if (name === "broken") {
      this.waiting.shift();
      const error = encodeError(new Error("no such module"));
      this.outbox.push({ kind: "loadFailed", chunk: id, error });
    } else {
      this.#loaded.add(fn);
      this.#isFresh = true;
    }
  }

  #begin(chunk: WireChunk): void {
    const isOver = this.#position >= this.#items.length;
    if (isOver || this.#claims?.begin(chunk.word) === false) return this.#end();
    this.task = taskOf(this.#items[this.#position]);
    this.begun++;
    this.#watcher?.began(this.task, this);
  }

  #finish(chunk: WireChunk, task: FakeTask, flush: boolean): void {
    this.task = undefined;
    if (task.fails) {
      const record = encodeError(new TaskFailure(task.id));
      this.#errors.push([this.#position, record]);
    }
    if (task.fails) this.#results?.omit(this.#position);
    else this.#results?.put(this.#position, task.id);
    this.#values.push(task.fails ? undefined : task.id);
    this.#position++;
    if (this.#position === this.#items.length) this.#claims?.end(chunk.word);
    if (task.fails && chunk.stopOnError) return this.#end();
    if (flush || chunk.prompt) this.#send(false);
  }

  #end(): void {
    this.#send(true);
    this.#chunk = undefined;
  }

  #send(ended: boolean): void {
    if (this.#chunk === undefined) return;
    this.outbox.push({
      kind: "results",
      chunk: this.#chunk.id,
      from: this.#from,
      values: this.#values,
      errors: this.#errors,
      ended,
      elapsed: this.cost * this.#values.length,
    });
    this.#results?.sent();
    this.#from += this.#values.length;
    this.#values = [];
    this.#errors = [];
  }

  /** Sends what it kept back, as a thread does that ends itself. */
  tellEnd(): void {
    if (this.#chunk === undefined) return;
    this.#send(false);
    this.outbox.push({ kind: "ending", chunk: this.#chunk.id });
  }

  // What the pool hears

  /** Hands over the oldest message. */
  deliver(): void {
    const message = this.outbox.shift();
    if (message === undefined || this.gone) return;
    if (message.kind === "ready") this.deadline = undefined;
    this.#scheduler.receive(this.slot, message);
  }

  /** Hands over all messages. */
  deliverAll(): void {
    while (this.outbox.length > 0) this.deliver();
  }

  /** Runs and hands over until there is nothing left to do. */
  runAll(): void {
    while (this.canStep || this.outbox.length > 0) {
      if (this.canStep) this.step();
      this.deliverAll();
    }
  }

  /** Dies unasked; its messages arrive before the news. */
  die(death: Death = {}): void {
    this.dead = true;
    this.deliverAll();
    if (this.gone) return;
    if (this.dismissed !== "no") return this.leave();
    this.gone = true;
    this.deadline = this.leisure = undefined;
    this.#scheduler.lost(this.slot, death);
  }

  /** Ends, as it was asked to. */
  leave(): void {
    if (this.gone) return;
    this.dead = this.gone = true;
    this.deadline = this.leisure = undefined;
    this.#scheduler.left(this.slot);
  }
}

/** The task that an item stands for, whether the item is the argument or a list of them. */
export function taskOf(item: unknown): FakeTask {
  // Every item of these tests is a FakeTask or a list with one.
  return (Array.isArray(item) ? item[0] : item) as FakeTask;
}
