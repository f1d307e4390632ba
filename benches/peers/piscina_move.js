/**
 * For piscina: gives a buffer back without copying it. A module of its own, so that the other tasks do
 * not wait until workers have loaded the whole library.
 *
 * @module
 */

import { move } from "piscina";

/**
 * @param {Uint8Array} buffer
 * @returns {unknown}
 */
export function echo(buffer) {
  return move(buffer);
}
