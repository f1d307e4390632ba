import { type Handshake, isHandshake, type ToWorker } from "../core/protocol.ts";
import { isRefable, listen, type WorkerListener } from "./port.ts";

/**
 * The pool's end of the private channel that it has with one worker. What
 * tasks post on their global scope does not come this way.
 */
export class Channel {
  readonly #port: MessagePort;
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
    listen(
      port1,
      (data) => isHandshake(data) ? onHandshake(data) : listener.message(data),
      () => listener.failed(new TypeError("unreadable message")),
    );
    // The worker alone decides whether the process stays alive. A listener undoes this: it comes after.
    if (isRefable(port1)) port1.unref();
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
    this.#port.close();
  }
}
