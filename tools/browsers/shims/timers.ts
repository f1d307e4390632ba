/**
 * What `node:timers` can be in a browser.
 *
 * @module
 */

const clear = globalThis.clearTimeout;
const start = globalThis.setTimeout;

/** A timer as Node has it: it may say that nobody need wait for it, and no page does. */
interface Timer {
  readonly id: ReturnType<typeof globalThis.setTimeout>;
  unref(): Timer;
}

/** As the global function. */
export function setTimeout(callback: () => void, ms: number): Timer {
  const timer: Timer = { id: start(callback, ms), unref: () => timer };
  return timer;
}

/** As the global function. */
export function clearTimeout({ id }: Timer): void {
  clear(id);
}

/** Soon, and behind what has arrived. */
export function setImmediate(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(undefined);
}
