import { Fifo } from "../core/queues.ts";
import { nextTurn, timers } from "./platform.ts";

/**
 * Calls back in later turns of the event loop: each call in one of its own, in the
 * order in which they were made, with other events in between.
 */
export class Turns {
  readonly #waiting = new Fifo<() => void>();
  #channel: MessageChannel | undefined;

  /** Calls back once those that were given before have been called. */
  wait(callback: () => void): void {
    this.#waiting.push(callback);
    this.#wake();
  }

  #wake(): void {
    // Browsers make a timer wait for 4 ms that was set in a timer, and have others overtake it.
    if (timers().setImmediate !== undefined || globalThis.MessageChannel === undefined) {
      nextTurn(() => this.#waiting.shift()?.());
    } else {
      this.#channel ??= this.#open();
      this.#channel.port2.postMessage(undefined);
    }
  }

  #open(): MessageChannel {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => this.#waiting.shift()?.();
    return channel;
  }
}
