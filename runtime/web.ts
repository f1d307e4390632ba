import type { ToWorker } from "../core/wire/protocol.ts";
import { Channel } from "./channel.ts";
import { type Handshake, isHandshake, watchLifeLock } from "./handshake.ts";
import { nextTurn } from "./platform.ts";
import { isRefable, type WorkerListener, type WorkerPort } from "./port.ts";

/** Browsers say nothing of a worker whose file is missing, or forbidden. */
export const DID_NOT_LOAD = "the worker did not load";

/**
 * Opens a port to a worker of the web's kind: Deno's, Bun's, a browser's.
 *
 * Its listeners must be there before anything else runs: Deno loses what
 * arrives earlier, even within a microtask.
 */
export function openWebWorker(
  worker: Worker,
  isServed: boolean,
  listener: WorkerListener,
): WorkerPort {
  return new WebWorkerPort(worker, isServed, listener);
}

class WebWorkerPort implements WorkerPort {
  readonly #worker: Worker;
  readonly #listener: WorkerListener;
  readonly #channel: Channel;
  readonly #lock = newLockName();
  /** Whether its end will be told: by an event, where there is one, or by its lock. */
  #watched = isRefable(Worker.prototype);
  #ended = false;

  constructor(worker: Worker, isServed: boolean, listener: WorkerListener) {
    this.#worker = worker;
    this.#listener = listener;
    this.#channel = new Channel(listener, (message) => this.#shakeHands(message));
    worker.onmessage = ({ data }) => {
      if (isServed && isHandshake(data) && data.polypool === "serving") this.#connect();
    };
    worker.onerror = (event) => this.#failed(event);
    worker.addEventListener("close", (event) => {
      this.#end("code" in event ? Number(event.code) : undefined);
    });
    if (!isServed) this.#connect();
  }

  post(message: ToWorker, transfer: readonly Transferable[]): void {
    this.#channel.post(message, transfer);
  }

  get isBehind(): boolean {
    return this.#channel.isBehind;
  }

  hold(): void {
    if (isRefable(this.#worker)) this.#worker.ref();
  }

  release(): void {
    if (isRefable(this.#worker)) this.#worker.unref();
  }

  terminate(): void {
    this.#worker.terminate();
    // No event will tell of its end: it is taken for granted.
    if (!this.#watched) nextTurn(() => this.#end(undefined));
  }

  close(): void {
    this.#channel.close();
  }

  #connect(): void {
    this.#channel.connect(this.#lock, (message, transfer) => {
      this.#worker.postMessage(message, transfer);
    });
  }

  #shakeHands({ polypool }: Handshake): void {
    if (this.#watched) return;
    if (polypool === "ending") this.#end(undefined);
    if (polypool !== "locked") return;
    this.#watched = true;
    watchLifeLock(this.#lock, () => {
      // A task may have given the lock away: then the thread is still there.
      this.#worker.terminate();
      this.#end(undefined);
    });
  }

  #failed(event: ErrorEvent): void {
    // Otherwise Deno ends the process.
    event.preventDefault();
    this.#listener.failed(event.error ?? new Error(event.message ?? DID_NOT_LOAD));
  }

  #end(exitCode: number | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.ended(exitCode);
  }
}

/** Pages that came unencrypted have no `randomUUID()`. */
function newLockName(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(4));
  return `polypool ${Array.from(numbers, (number) => number.toString(36)).join("-")}`;
}
