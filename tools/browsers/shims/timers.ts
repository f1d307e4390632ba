/**
 * What `node:timers` can be in a browser.
 *
 * @module
 */

const { clearInterval, clearTimeout, setInterval, setTimeout } = globalThis;
export { clearInterval, clearTimeout, setInterval, setTimeout };

/** Soon, and behind what has arrived. */
export function setImmediate(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(undefined);
}
