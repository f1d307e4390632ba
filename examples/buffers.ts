/**
 * Large data without copies: what is handed over, in and out, and what is shared.
 *
 * @module
 */

import { move, Pool } from "@polypool/pool";

/** Returns the negative of a picture: the buffer that came is the one that goes. */
export function invert(pixels: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (let at = 0; at < pixels.length; at++) pixels[at] = 255 - Number(pixels[at]);
  return move(pixels, [pixels.buffer]);
}

/** Counts bytes by their value, into memory that all workers see. */
export function count(bytes: Uint8Array, counts: Uint32Array<SharedArrayBuffer>): void {
  for (const byte of bytes) Atomics.add(counts, byte, 1);
}

if (import.meta.main) {
  const pool = new Pool({ workers: 2, module: import.meta.url });
  const picture = new Uint8Array(1_000_000).fill(5);
  const negative = await pool.apply(invert, [picture], { transfer: [picture.buffer] });
  console.log("handed over:", picture.length, "came back:", negative.length, negative[0]);
  // Each quarter is a view of one large buffer, and yet sent without the other three.
  const quarters = [0, 1, 2, 3].map((n) => negative.subarray(n * 250_000, (n + 1) * 250_000));
  const counts = new Uint32Array(new SharedArrayBuffer(256 * 4));
  await pool.starmap(count, quarters.map((quarter) => [quarter, counts] as const));
  console.log("counted:", counts[250], "still here:", negative.length);
  await pool.terminate();
}

// Output:
// handed over: 0 came back: 1000000 250
// counted: 1000000 still here: 1000000
