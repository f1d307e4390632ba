/**
 * For polypool: gives a buffer back without copying it.
 *
 * @module
 */

import { move } from "@polypool/pool";

export function echoMoved(
  buffer: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return move(buffer, [buffer.buffer]);
}
