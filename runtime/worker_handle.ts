import type { JobChunk } from "../core/pool/job.ts";
import type { Death, WorkerControl } from "../core/pool/worker_control.ts";
import { encodeError } from "../core/wire/error_codec.ts";
import { isFromWorker, kindOf, type ToWorker } from "../core/wire/protocol.ts";
import type { Scheduler } from "../core/pool/scheduler.ts";
import type { Slot } from "../core/pool/slot.ts";
import type { TaskRef } from "../core/wire/task_ref.ts";
import { TimeoutError } from "../errors.ts";
import { Clock, Deadline, nextTurn, noteMessage, QUIET_TURNS } from "./clock.ts";
import type { WorkerListener, WorkerPort } from "./port.ts";
import { spawnWorker, type WorkerSource } from "./spawn.ts";

/** How a pool treats its workers; times in ms. */
export interface WorkerSettings {
  readonly source: WorkerSource;
  readonly initializer: { readonly ref: TaskRef; readonly args: readonly unknown[] } | undefined;
  readonly startTimeout: number;
  readonly initTimeout: number;
  readonly idleTimeout: number;
  readonly abortGrace: number;
}

/** How long an idle worker may take to end by itself. */
const STOP_MS = 1_000;

/** How long a worker may take to end once terminated, before it is given up: Deno cannot stop a busy one. */
const KILL_MS = 500;

/** One worker's thread, and the clocks that run for it. */
export class WorkerHandle implements WorkerControl, WorkerListener {
  readonly #slot: Slot;
  readonly #scheduler: Scheduler;
  readonly #settings: WorkerSettings;
  /** Waits for what the thread must do next: start, load, or run a task. */
  readonly #deadline = new Deadline(() => this.#hearing);
  /** Waits for what it has too long of: delay before its start, grace. */
  readonly #grace = new Deadline(() => this.#hearing);
  /** Waits for the end of its idleness. */
  readonly #idleness = new Clock();
  /** Waits for its end, once nothing else counts. */
  readonly #ending = new Deadline(() => this.#hearing);
  /** When it became idle last. */
  #restingSince = 0;
  #port: WorkerPort | undefined;
  #death: Death | undefined;
  #heard = 0;
  #isAsked = false;
  #isDistrusted = false;
  /** Whether the caller's factory is being called, which may end the pool, and so this worker. */
  #isSpawning = false;
  #isEnded = false;
  #isGone = false;

  constructor(slot: Slot, scheduler: Scheduler, settings: WorkerSettings) {
    this.#slot = slot;
    this.#scheduler = scheduler;
    this.#settings = settings;
  }

  start(delay: number): void {
    if (delay > 0) this.#grace.start(delay, () => this.#spawn());
    else this.#spawn();
  }

  post(message: ToWorker, transfer: readonly Transferable[]): void {
    this.#port?.post(message, transfer);
  }

  watch(timeout: number): void {
    this.#deadline.start(timeout, () => this.#scheduler.timedOut(this.#slot));
  }

  watchInitializer(): void {
    const { initTimeout } = this.#settings;
    this.#deadline.start(initTimeout, () => {
      const text = "Cannot wait longer for the initializer as its time is over";
      this.#scheduler.initFailed(this.#slot, new TimeoutError(`${text}: ${initTimeout} ms`));
    });
  }

  watchLoad(): void {
    const { startTimeout } = this.#settings;
    this.#deadline.start(startTimeout, () => {
      this.#scheduler.loadTimedOut(this.#slot, startTimeout);
    });
  }

  unwatch(): void {
    this.#deadline.stop();
    this.#grace.stop();
  }

  interrupt(chunk: JobChunk, reason: unknown): void {
    this.#deadline.stop();
    const { abortGrace } = this.#settings;
    this.post({ kind: "abort", chunk: chunk.id, reason: encodeError(reason) }, []);
    if (abortGrace === 0) return this.#scheduler.graceOver(this.#slot);
    this.#grace.start(abortGrace, () => this.#scheduler.graceOver(this.#slot));
  }

  rest(): void {
    this.#deadline.stop();
    this.#restingSince = performance.now();
    // The clock goes on while it works: to stop and start it takes longer than a tiny task.
    if (!this.#idleness.isRunning) this.#awaitLongRest(this.#settings.idleTimeout);
  }

  hold(): void {
    this.#port?.hold();
    this.#deadline.hold();
    this.#grace.hold();
    this.#idleness.hold();
    this.#ending.hold();
  }

  release(): void {
    this.#port?.release();
    this.#deadline.release();
    this.#grace.release();
    this.#idleness.release();
    this.#ending.release();
  }

  stop(): void {
    this.#isAsked = true;
    if (this.#isSpawning) return;
    if (this.#port === undefined || this.#isEnded) return this.#gone();
    this.post({ kind: "stop" }, []);
    this.#awaitEnd(STOP_MS, () => this.kill());
  }

  kill(): void {
    this.#isAsked = true;
    if (this.#isSpawning) return;
    if (this.#port === undefined || this.#isEnded) return this.#gone();
    this.#awaitEnd(KILL_MS, () => {
      this.#unregister();
      this.#scheduler.abandoned(this.#slot);
    });
    this.#port.terminate();
  }

  message(data: unknown): void {
    this.#heard++;
    noteMessage();
    if (this.#isGone || this.#isDistrusted) return;
    if (!isFromWorker(data)) return this.endForBadMessage(data);
    if (data.kind === "ready") this.#deadline.stop();
    this.#scheduler.receive(this.#slot, data);
  }

  endForBadMessage(message: unknown): void {
    this.#isDistrusted = true;
    const text =
      `Cannot go on with worker ${this.#slot.name} as it sent a message that makes no sense`;
    this.failed(new TypeError(`${text}: ${kindOf(message)}`));
  }

  failed(cause: unknown): void {
    // The first thing that went wrong is the cause of all that follows.
    if (this.#death !== undefined) return;
    this.#death = { cause };
    // In a browser the worker lives on, in an unknown state.
    if (!this.#isAsked) this.#awaitEnd(KILL_MS, () => this.#lost({ isAbandoned: true }));
    this.#port?.terminate();
  }

  ended(exitCode: number | undefined): void {
    if (this.#isEnded || this.#isGone) return;
    this.#isEnded = true;
    if (this.#isAsked) return this.#gone();
    // What it sent before may take any time to be heard.
    this.#ending.stop();
    this.#whenQuiet(QUIET_TURNS, () => this.#lost({ exitCode }));
  }

  /** How many messages have come, and been handled; no number is like another while some wait. */
  get #hearing(): number {
    return this.#port?.isBehind ? NaN : this.#heard;
  }

  #awaitLongRest(ms: number): void {
    this.#idleness.start(ms, () => {
      const rest = this.#settings.idleTimeout - (performance.now() - this.#restingSince);
      if (rest > 0) this.#awaitLongRest(rest);
      else this.#scheduler.restedLong(this.#slot);
    });
  }

  #awaitEnd(ms: number, giveUp: () => void): void {
    this.unwatch();
    this.#ending.start(ms, giveUp);
  }

  #lost(death: Death): void {
    if (this.#isGone) return;
    this.#unregister();
    this.#scheduler.lost(this.#slot, { ...death, ...this.#death });
  }

  /** Runtimes tell of a worker's end before they hand over the last of its messages. */
  #whenQuiet(turns: number, callback: () => void): void {
    if (turns === 0) return callback();
    const heard = this.#hearing;
    nextTurn(() => {
      this.#whenQuiet(this.#hearing === heard ? turns - 1 : QUIET_TURNS, callback);
    });
  }

  #spawn(): void {
    this.#isSpawning = true;
    try {
      this.#port = spawnWorker(this.#settings.source, this.#slot.name, this);
    } catch (cause) {
      // Not at once: the roster is still at work on its list of workers.
      this.#death = { cause };
      Promise.resolve().then(() => this.ended(undefined));
      return;
    } finally {
      this.#isSpawning = false;
    }
    if (!this.#slot.held) this.release();
    if (this.#isAsked) return this.stop();
    this.#awaitReady();
    this.#initialize();
  }

  #initialize(): void {
    const { name: workerName, memory } = this.#slot;
    const { initializer } = this.#settings;
    try {
      this.post({ kind: "init", workerName, memory, initializer }, []);
    } catch (cause) {
      Promise.resolve().then(() => this.#scheduler.initFailed(this.#slot, cause));
    }
  }

  #awaitReady(): void {
    const { startTimeout } = this.#settings;
    this.#deadline.start(startTimeout, () => {
      const text = `Cannot use worker ${this.#slot.name} as it did not start in time`;
      this.failed(new TimeoutError(`${text}: ${startTimeout} ms`));
    });
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#unregister();
    this.#scheduler.left(this.#slot);
  }

  #unregister(): void {
    this.#isGone = true;
    this.#port?.close();
    this.#deadline.stop();
    this.#grace.stop();
    this.#idleness.stop();
    this.#ending.stop();
  }
}
