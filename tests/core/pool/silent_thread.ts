import type { JobChunk } from "../../../core/pool/job.ts";
import type { PoolGround } from "../../../core/pool/ground.ts";
import { PoolWorker, type WorkerOwner } from "../../../core/pool/pool_worker.ts";
import type { PoolLimits, Thread, ThreadListener } from "../../../core/ports.ts";
import { unpack } from "../../../core/wire/packing.ts";
import type { ToWorker, WireChunk } from "../../../core/wire/protocol.ts";
import { ClaimWords } from "../../../core/wire/shared_memory.ts";
import { FakeTime, FakeTimer } from "./fake_time.ts";

/** A thread that only keeps what it is sent, after a clone of it as a real message makes one. */
export class SilentThread implements Thread<ToWorker> {
  readonly sharesMemory: boolean;
  /** Who hears of it: its worker. */
  readonly listener: ThreadListener;
  /** What it was told, in order: `start`, `stop`, the kind of a message. */
  readonly told: string[] = [];
  /** The chunks of each message. */
  readonly messages: (readonly WireChunk[])[] = [];
  /** Its worker's timers: for the next task, for the grace, for its start and its rest. */
  readonly timers: FakeTimer[] = [];
  /** The first message of all. */
  init: (ToWorker & { readonly kind: "init" }) | undefined;

  constructor(listener: ThreadListener, sharesMemory = true) {
    this.listener = listener;
    this.sharesMemory = sharesMemory;
  }

  post(message: ToWorker, transfer: readonly Transferable[]): void {
    structuredClone(message, { transfer: [...transfer] });
    this.told.push(message.kind);
    if (message.kind === "run") this.messages.push(message.chunks);
    if (message.kind === "init") this.init = message;
  }

  /** What it has in common with the pool. */
  get memory(): SharedArrayBuffer | undefined {
    return this.init?.memory;
  }

  /** The items of each chunk that it was sent. */
  get items(): unknown[][] {
    return this.messages.flat().map(({ items }) => [...unpack(items)]);
  }

  newTimer(): FakeTimer {
    const timer = new FakeTimer();
    this.timers.push(timer);
    return timer;
  }

  start(): void {
    this.told.push("start");
  }

  hold(): void {
    this.told.push("hold");
  }

  release(): void {
    this.told.push("release");
  }

  stop(): void {
    this.told.push("stop");
  }

  kill(): void {
    this.told.push("kill");
  }
}

/** Limits that bound nothing. */
export const LIMITS: PoolLimits = {
  name: "w",
  minWorkers: 0,
  maxQueue: Infinity,
  readsAhead: true,
  retries: 0,
  taskTimeout: undefined,
  workers: 1,
  maxTasksPerWorker: Infinity,
  chunkMs: 2,
  startTimeout: Infinity,
  initTimeout: Infinity,
  idleTimeout: Infinity,
  abortGrace: 0,
};

/** An owner to whom nothing matters. */
export const NO_OWNER: WorkerOwner = {
  started: () => {},
  progressed: () => {},
  free: () => {},
  rested: () => false,
  requeue: () => {},
  unread: () => {},
  departed: () => {},
  broken: () => {},
};

/** A worker whose thread does nothing by itself. */
export interface Post {
  readonly worker: PoolWorker;
  readonly thread: SilentThread;
}

/** What is different about a worker. */
export interface PostOptions extends Partial<PoolLimits>, Partial<Pick<PoolGround, "initializer">> {
  readonly owner?: Partial<WorkerOwner>;
  /** Whether it shares memory with its pool. */
  readonly sharesMemory?: boolean;
  /** When it comes up, in ms. */
  readonly since?: number;
  /** How long its start is put off, in ms. */
  readonly delay?: number;
  /** Whether it is up. */
  readonly isUp?: boolean;
}

/** Makes a worker, and brings it up. */
export function newPost(name: string = "w-1", options: PostOptions = {}): Post {
  const { owner, sharesMemory, since = 0, delay = 0, isUp = true, initializer, ...limits } =
    options;
  const time = new FakeTime();
  time.ms = since;
  const threads: SilentThread[] = [];
  const ground: PoolGround = {
    limits: { ...LIMITS, ...limits },
    modules: [],
    initializer,
    time,
    newThread(_name, listener) {
      const thread = new SilentThread(listener, sharesMemory);
      threads.push(thread);
      return thread;
    },
  };
  const place = { name, index: 0, predecessor: undefined };
  const worker = new PoolWorker(place, { ...NO_OWNER, ...owner }, ground);
  const [thread] = threads;
  if (thread === undefined) throw new Error("the worker has no thread");
  worker.start(delay);
  if (isUp) bringUp({ worker, thread });
  return { worker, thread };
}

/** Has a worker say that it is up. */
export function bringUp({ thread }: Post): void {
  thread.listener.message({ kind: "ready" });
}

/** Does as a worker that begins the next tasks of a chunk. */
export function beginTasks({ thread }: Post, chunk: JobChunk, count = 1): void {
  const words = thread.memory && new ClaimWords(thread.memory);
  for (let task = 0; task < count; task++) words?.begin(chunk.word);
}
