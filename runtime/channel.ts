import { type Flow, Inlet, Pace } from "./inlet.ts";
import type { ToWorker } from "../core/wire/protocol.ts";
import { type Handshake, isHandshake } from "./handshake.ts";
import { isRefable, listen, type WorkerListener } from "./port.ts";

const { setTimeout } = globalThis;
/** Sooner than a timer of no time, and still after all that is due; browsers have none. */
const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };

/** The pace of all that workers send to this thread. */
export const pace: Pace = new Pace(
  () => performance.now(),
  (callback) => setImmediate === undefined ? setTimeout(callback) : setImmediate(callback),
);

/** Stands among the messages for one that cannot be read. */
const UNREADABLE = Symbol("unreadable");

/**
 * The pool's end of the private channel that it has with one worker. What
 * tasks post on their global scope does not come this way.
 */
export class Channel {
  readonly #port: MessagePort;
  readonly #listener: WorkerListener;
  readonly #onHandshake: (message: Handshake) => void;
  readonly #inlet: Inlet;
  /** The worker's end, until it is given away. */
  #other: MessagePort | undefined;

  /**
   * @param listener Hears what the worker says of its tasks.
   * @param onHandshake Hears what it says of itself.
   */
  constructor(listener: WorkerListener, onHandshake: (message: Handshake) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#other = port2;
    this.#listener = listener;
    this.#onHandshake = onHandshake;
    const flow = listen(
      port1,
      (data) => this.#inlet.take(data),
      () => this.#inlet.take(UNREADABLE),
    );
    this.#inlet = new Inlet(pace, (data) => this.#hear(data), flow && this.#free(flow));
    this.#unref();
  }

  /** Whether something may have arrived that waits to be handled. */
  get isBehind(): boolean {
    return this.#inlet.isBehind;
  }

  /** Gives the worker its end. Once: a task may ask for another, but there is none. */
  connect(lock: string, post: (message: Handshake, transfer: MessagePort[]) => void): void {
    const port = this.#other;
    if (port === undefined) return;
    this.#other = undefined;
    post({ polypool: "connect", port, lock }, [port]);
  }

  /**
   * Sends a message.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: ToWorker, transfer: readonly Transferable[]): void {
    this.#port.postMessage(message, [...transfer]);
  }

  /** Hears nothing more. */
  close(): void {
    this.#inlet.close();
    this.#port.close();
  }

  #hear(data: unknown): void {
    if (data === UNREADABLE) this.#listener.failed(new TypeError("unreadable message"));
    else if (isHandshake(data)) this.#onHandshake(data);
    else this.#listener.message(data);
  }

  #free({ stop, start }: Flow): Flow {
    return {
      stop,
      start: () => {
        start();
        this.#unref();
      },
    };
  }

  /** The worker alone decides whether the process stays alive. A listener undoes this: it comes after. */
  #unref(): void {
    if (isRefable(this.#port)) this.#port.unref();
  }
}
