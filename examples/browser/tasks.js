/**
 * What workers run; main.js imports it too, to do the same on the page's thread.
 *
 * @module
 */

// By its URL: the page's import map does not reach workers. The types are for editors and checks.
// @ts-types="../../mod.ts"
import { move } from "./polypool/index.js";
import { colour } from "./palette.js";

/** Samples along each side of a pixel: their mean has no jagged edges. */
const SAMPLES = 2;
/** Beyond this a point is gone for good; so large that the colours become smooth. */
const FAR = 2 ** 16;

/**
 * Draws one tile: `re` and `im` are its upper left corner in the plane, `step` the width of a pixel,
 * and `limit` the number of rounds after which a point counts as part of the set.
 */
export function renderTile({ x, y, width, height, re, im, step, limit }) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let at = 0; at < width * height; at++) {
    const left = re + step * (at % width);
    const top = im - step * Math.floor(at / width);
    pixels.set(pixel(left, top, step, limit), 4 * at);
  }
  // Handed over to the page, not copied.
  return move({ x, y, width, height, pixels }, [pixels.buffer]);
}

function pixel(left, top, step, limit) {
  let [red, green, blue] = [0, 0, 0];
  for (let n = 0; n < SAMPLES ** 2; n++) {
    const re = left + step * (n % SAMPLES) / SAMPLES;
    const im = top - step * Math.floor(n / SAMPLES) / SAMPLES;
    const [r, g, b] = colour(rounds(re, im, limit));
    red += r;
    green += g;
    blue += b;
  }
  return [red, green, blue].map((sum) => sum / SAMPLES ** 2).concat(255);
}

/** How many rounds of z² + c a point takes to get far away, with a fraction; Infinity if it stays. */
function rounds(re, im, limit) {
  let a = 0;
  let b = 0;
  for (let n = 0; n < limit; n++) {
    const aa = a * a;
    const bb = b * b;
    if (aa + bb > FAR) return n + 1 - Math.log2(Math.log2(aa + bb) / 2);
    b = 2 * a * b + im;
    a = aa - bb + re;
  }
  return Infinity;
}
