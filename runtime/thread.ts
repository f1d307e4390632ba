import type { Remedy, Thread, ThreadListener, Timer } from "../core/ports.ts";
import type { ToWorker } from "../core/wire/protocol.ts";
import { Deadline, noteMessage, QUIET_TURNS } from "./clock.ts";
import { openInlineWorker } from "./inline.ts";
import { openNodeWorker } from "./node.ts";
import { isNode, nextTurn, type NodeWorker } from "./platform.ts";
import { isRefable, type WorkerLike, type WorkerListener, type WorkerPort } from "./port.ts";
import { remedyFor, remedyForSilence } from "./remedy.ts";
import { NoStartError, type WorkerSource } from "./start.ts";
import { openWebWorker } from "./web.ts";

/** How long an idle worker may take to end by itself, in ms. */
const STOP_MS = 1_000;

/**
 * How long a worker may take to end once terminated, before it is given up, in
 * ms: Deno cannot stop a busy one.
 */
const KILL_MS = 500;

/** Workers that can be used at a time on this machine. */
export function defaultWorkers(): number {
  return globalThis.navigator?.hardwareConcurrency || 1;
}

/** How long idle workers stay by default, in ms: not for long where they keep a process alive. */
export function defaultIdleTimeout(): number {
  return "Deno" in globalThis && !isRefable(globalThis.Worker?.prototype) ? 1_000 : Infinity;
}

/** One worker's thread: where it comes from, and how it ends. */
export class WorkerThread implements Thread<ToWorker>, WorkerListener {
  readonly sharesMemory: boolean = typeof SharedArrayBuffer !== "undefined";
  readonly ifSilent: Remedy | undefined;
  readonly #source: WorkerSource;
  readonly #name: string;
  readonly #listener: ThreadListener;
  readonly #timers: Timer[] = [];
  /** Waits for its end, once that is to come. */
  readonly #ending: Timer;
  #port: WorkerPort | undefined;
  #isHeld = true;
  /** Messages that have come. */
  #heard = 0;
  /** Whether the pool asked it to end. */
  #isAsked = false;
  /** Whether the caller's factory is being called, which may end the pool, and so this worker. */
  #isSpawning = false;
  #hasFailed = false;
  #hasEnded = false;
  /** Whether its listener was told that it has ended, or was given up. */
  #isGone = false;

  constructor(source: WorkerSource, name: string, listener: ThreadListener) {
    this.ifSilent = remedyForSilence(source);
    this.#source = source;
    this.#name = name;
    this.#listener = listener;
    this.#ending = this.newTimer();
  }

  newTimer(): Timer {
    const timer = new Deadline(() => this.#hearing);
    this.#timers.push(timer);
    return timer;
  }

  /** How many messages have come, and been handled; no number is like another while some wait. */
  get #hearing(): number {
    return this.#port?.isBehind ? NaN : this.#heard;
  }

  start(): void {
    this.#isSpawning = true;
    try {
      this.#port = openWorker(this.#source, this.#name, this);
    } catch (cause) {
      this.#listener.failed(cause, remedyFor(cause, this.#source));
      // Not at once: the roster is still at work on its list of workers.
      Promise.resolve().then(() => this.ended(undefined));
      return;
    } finally {
      this.#isSpawning = false;
    }
    if (!this.#isHeld) this.#port.release();
    if (this.#isAsked) this.stop();
  }

  post(message: ToWorker, transfer: readonly Transferable[]): void {
    this.#port?.post(message, transfer);
  }

  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#port?.hold();
    for (const timer of this.#timers) timer.hold();
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#port?.release();
    for (const timer of this.#timers) timer.release();
  }

  stop(): void {
    this.#isAsked = true;
    if (this.#isSpawning) return;
    if (this.#port === undefined || this.#hasEnded) return this.#gone(undefined);
    this.post({ kind: "stop" }, []);
    this.#ending.start(STOP_MS, () => this.kill());
  }

  kill(): void {
    this.#isAsked = true;
    if (this.#isSpawning) return;
    if (this.#port === undefined || this.#hasEnded) return this.#gone(undefined);
    this.#terminate();
  }

  message(data: unknown): void {
    this.#heard++;
    noteMessage();
    if (!this.#isGone) this.#listener.message(data);
  }

  unreadable(): void {
    this.#heard++;
    noteMessage();
    if (!this.#isGone) this.#listener.unreadable();
  }

  failed(cause: unknown): void {
    if (this.#hasFailed || this.#isGone) return;
    this.#hasFailed = true;
    const hasBegun = this.#heard > 0;
    this.#listener.failed(cause, hasBegun ? undefined : remedyFor(cause, this.#source));
    // In a browser the worker lives on, in an unknown state.
    if (this.#isAsked) this.#port?.terminate();
    else this.#terminate();
  }

  ended(exitCode: number | undefined): void {
    if (this.#hasEnded || this.#isGone) return;
    this.#hasEnded = true;
    if (this.#isAsked) return this.#gone(exitCode);
    // What it sent before may take any time to be heard.
    this.#ending.stop();
    this.#whenQuiet(QUIET_TURNS, () => this.#gone(exitCode));
  }

  #terminate(): void {
    this.#ending.start(KILL_MS, () => {
      if (this.#isGone) return;
      this.#close();
      this.#listener.abandoned();
    });
    this.#port?.terminate();
  }

  /** Runtimes tell of a worker's end before they hand over the last of its messages. */
  #whenQuiet(turns: number, callback: () => void): void {
    if (turns === 0) return callback();
    const heard = this.#hearing;
    nextTurn(() => {
      this.#whenQuiet(this.#hearing === heard ? turns - 1 : QUIET_TURNS, callback);
    });
  }

  #gone(exitCode: number | undefined): void {
    if (this.#isGone) return;
    this.#close();
    this.#listener.ended(exitCode);
  }

  #close(): void {
    this.#isGone = true;
    this.#port?.close();
    for (const timer of this.#timers) timer.stop();
  }
}

/**
 * Opens a port to a new worker.
 *
 * @throws Whatever the caller's factory, or the platform, throws.
 */
function openWorker(source: WorkerSource, name: string, listener: WorkerListener): WorkerPort {
  const { local, isServed } = source;
  if (local !== undefined) return openInlineWorker(local, listener);
  const worker = source.start(name);
  if (isWebWorker(worker)) return openWebWorker(worker, isServed, listener);
  const refusal = refusalOf(worker);
  if (refusal === undefined) return openNodeWorker(worker as NodeWorker, isServed, listener);
  // It may be a thread all the same, or the promise of one: only its own terminate() can end it.
  Promise.resolve(worker).then((refused) => refused.terminate()).catch(() => {});
  throw refusal;
}

/** Why what a caller's factory returned cannot be used, nothing if it is a worker of Node's kind. */
function refusalOf(worker: unknown): TypeError | undefined {
  if (!isNodeWorker(worker)) {
    return new TypeError(
      `Cannot use the worker as 'worker' must return a Worker: ${typeof worker}`,
    );
  }
  if (!("Bun" in globalThis)) return undefined;
  // Its file would wait in vain: there it hears another scope than this one speaks to.
  return new NoStartError(
    "Cannot use the worker as Bun has a Worker of its own, give that: one of node:worker_threads",
  );
}

/** A `Worker` that Node has not itself is somebody's stand-in. */
function isWebWorker(worker: WorkerLike): worker is Worker {
  return !isNode() && globalThis.Worker !== undefined && worker instanceof Worker;
}

function isNodeWorker(worker: unknown): worker is NodeWorker {
  return isRefable(worker) && "on" in worker && typeof worker.on === "function";
}
