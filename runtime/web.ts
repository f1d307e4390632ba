import { type Handshake, isHandshake } from "../core/protocol.ts";
import { watchLifeline } from "./lifeline.ts";
import { isRefable, type WorkerListener, type WorkerPort } from "./port.ts";

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
  readonly #channel = new MessageChannel();
  readonly #lock = `polypool ${crypto.randomUUID()}`;
  #watched = "ref" in Worker.prototype;
  #ended = false;

  constructor(worker: Worker, isServed: boolean, listener: WorkerListener) {
    this.#worker = worker;
    this.#listener = listener;
    const { port1 } = this.#channel;
    port1.onmessage = ({ data }) => listener.message(data);
    // The worker alone decides whether the process stays alive. A listener undoes this: it comes after.
    if (isRefable(port1)) port1.unref();
    port1.onmessageerror = () => listener.failed(new TypeError("unreadable message"));
    worker.onmessage = ({ data }) => isHandshake(data) && this.#shakeHands(data);
    worker.onerror = (event) => this.#failed(event);
    worker.addEventListener("close", (event) => {
      this.#end("code" in event ? Number(event.code) : undefined);
    });
    if (!isServed) this.#connect();
  }

  post(message: unknown, transfer: readonly Transferable[]): void {
    this.#channel.port1.postMessage(message, [...transfer]);
  }

  hold(): void {
    if (isRefable(this.#worker)) this.#worker.ref();
  }

  release(): void {
    if (isRefable(this.#worker)) this.#worker.unref();
  }

  terminate(): void {
    this.#worker.terminate();
    // Nobody will tell of its end: it is taken for granted.
    if (!this.#watched) setTimeout(() => this.#end(undefined));
  }

  close(): void {
    this.#channel.port1.close();
  }

  #shakeHands(message: Handshake): void {
    if (message.polypool === "serving") return this.#connect();
    if (message.polypool !== "locked" || this.#watched) return;
    this.#watched = true;
    watchLifeline(this.#lock, () => this.#end(undefined));
  }

  #connect(): void {
    const { port2: port } = this.#channel;
    const message: Handshake = { polypool: "connect", port, lock: this.#lock };
    this.#worker.postMessage(message, [port]);
  }

  #failed(event: ErrorEvent): void {
    // Otherwise Deno ends the process.
    event.preventDefault();
    this.#listener.failed(event.error ?? new Error(event.message ?? "the worker did not load"));
  }

  #end(exitCode: number | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.ended(exitCode);
  }
}
