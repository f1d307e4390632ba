import assert from "node:assert/strict";
import { encodeError } from "../../../core/wire/error_codec.ts";
import { PoolWorker } from "../../../core/pool/pool_worker.ts";
import type { Death, Thread, ThreadListener } from "../../../core/ports.ts";
import { unpack, type Values } from "../../../core/wire/packing.ts";
import type { FromWorker, ToWorker, WireChunk } from "../../../core/wire/protocol.ts";
import { ClaimWords, SharedResults } from "../../../core/wire/shared_memory.ts";
import { FakeTimer } from "./fake_time.ts";

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
  began(task: FakeTask, worker: FakeThread): void;
}

export class TaskFailure extends Error {}

/**
 * A worker's thread of which a test decides when anything happens. It treats
 * claim words as `core/worker/` does, and the pool as `runtime/thread.ts` does.
 */
export class FakeThread implements Thread<ToWorker> {
  readonly sharesMemory: boolean;
  /** The worker whose thread it is. */
  readonly worker: PoolWorker;
  /** Names of everything asked of it, in order. */
  readonly asked: string[] = [];
  /** Every chunk that it was sent. */
  readonly sent: WireChunk[] = [];
  /** Milliseconds that its start has waited. */
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
  /** Whether it keeps the process alive. */
  held = true;
  /** Milliseconds that a task is said to take. */
  cost = 0.01;
  readonly outbox: FromWorker[] = [];
  readonly inbox: ToWorker[] = [];
  readonly waiting: WireChunk[] = [];
  readonly #timers: FakeTimer[] = [];
  readonly #watcher: FakeWatcher | undefined;
  #claims: ClaimWords | undefined;
  #results: SharedResults | undefined;
  /** Whether it has said that it runs the pool's initializer. */
  #isInitializing = false;
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

  constructor(listener: ThreadListener, watcher?: FakeWatcher, sharesMemory = true) {
    assert(listener instanceof PoolWorker);
    this.worker = listener;
    this.sharesMemory = sharesMemory;
    this.#watcher = watcher;
  }

  // What its worker asks

  start(): void {
    this.asked.push("start");
    this.delay = this.#timers.at(-1)?.ms ?? 0;
    this.spawned = true;
  }

  newTimer(): FakeTimer {
    const timer = new FakeTimer();
    this.#timers.push(timer);
    return timer;
  }

  post(message: ToWorker, _transfer: readonly Transferable[]): void {
    this.asked.push(message.kind);
    if (message.kind === "init") return this.#share(message.memory);
    if (message.kind === "run") {
      const items = message.chunks.flatMap((chunk) => [...unpack(chunk.items)]);
      if (items.some((item) => taskOf(item).unclonable)) {
        throw new DOMException("The item cannot be cloned", "DataCloneError");
      }
      this.sent.push(...message.chunks);
    }
    this.inbox.push(message);
  }

  #share(memory: SharedArrayBuffer | undefined): void {
    this.#claims = memory && new ClaimWords(memory, () => this.#send(false));
    this.#results = memory && new SharedResults(memory);
  }

  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
  }

  stop(): void {
    this.#dismiss("stop");
  }

  kill(): void {
    this.#dismiss("kill");
  }

  #dismiss(how: "stop" | "kill"): void {
    if (this.gone) throw new Error(`${this.worker.name} is asked to ${how} after its end`);
    this.asked.push(how);
    this.dismissed = how;
    if (!this.spawned) this.leave();
  }

  // What its worker waits for

  /** Ends the wait for the next task, or for the initializer; absent if there is no such wait. */
  get deadline(): (() => void) | undefined {
    const [task, , life] = this.#timers;
    return ringerOf(task) ?? (this.#isInitializing ? ringerOf(life) : undefined);
  }

  /** Ends the wait for a delayed start, for the grace of a task, or of an idle worker. */
  get endWait(): (() => void) | undefined {
    const [, grace, life] = this.#timers;
    const isComingUp = this.spawned && this.worker.state === "starting";
    return ringerOf(grace) ?? (isComingUp ? undefined : ringerOf(life));
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
    if (chunk.tellsEachTask || this.#isFresh) this.outbox.push({ kind: "began", chunk: chunk.id });
    this.#isFresh = false;
  }

  /** A function named "broken" cannot be loaded. */
  #load({ id, fn, ref }: WireChunk): void {
    const name = ref?.name ?? this.#names.get(fn);
    if (name === undefined) throw new Error(`${this.worker.name} does not know function ${fn}`);
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
    if (flush || chunk.tellsEachTask) this.#send(false);
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
    this.#isInitializing = message.kind === "initializing";
    this.worker.message(message);
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
    if (death.cause !== undefined) this.worker.failed(death.cause);
    if (death.isAbandoned) this.worker.abandoned();
    else this.worker.ended(death.exitCode);
  }

  /** Ends, as it was asked to. */
  leave(): void {
    if (this.gone) return;
    this.dead = this.gone = true;
    this.worker.ended(undefined);
  }
}

/** Makes such a thread. */
export function newFakeThread(_name: string, listener: ThreadListener): FakeThread {
  return new FakeThread(listener);
}

function ringerOf(timer: FakeTimer | undefined): (() => void) | undefined {
  return timer?.isRunning ? () => void timer.ring() : undefined;
}

/** The task that an item stands for, whether the item is the argument or a list of them. */
export function taskOf(item: unknown): FakeTask {
  // Every item of these tests is a FakeTask or a list with one.
  return (Array.isArray(item) ? item[0] : item) as FakeTask;
}
