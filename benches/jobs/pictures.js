/**
 * Turns pictures grey: each task reads a file, decodes it, and gives the bytes of another.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { fileMade, randomFrom } from "../job_inputs.js";

const WIDTH = 640;
const HEIGHT = 480;

/**
 * @param {number} count
 * @returns {string[]}
 */
export function inputs(count) {
  return Array.from({ length: count }, (_, n) => fileMade(`picture_${n}.png`, () => draw(n)));
}

/**
 * @param {string} path
 * @returns {Uint8Array}
 */
export function run(path) {
  const picture = PNG.sync.read(readFileSync(path));
  const { data } = picture;
  for (let at = 0; at < data.length; at += 4) {
    const grey = 0.3 * data[at] + 0.59 * data[at + 1] + 0.11 * data[at + 2];
    data.fill(grey, at, at + 3);
  }
  return PNG.sync.write(picture);
}

/**
 * Makes a picture of a slope of colours, with some noise, or it would be small.
 *
 * @param {number} seed
 * @returns {Uint8Array}
 */
function draw(seed) {
  const random = randomFrom(seed);
  const picture = new PNG({ width: WIDTH, height: HEIGHT });
  for (let at = 0; at < picture.data.length; at += 4) {
    const x = at / 4 % WIDTH;
    const y = Math.floor(at / 4 / WIDTH);
    const noise = 16 * random();
    const colour = [x / WIDTH, y / HEIGHT, (x + y) / (WIDTH + HEIGHT)];
    picture.data.set([...colour.map((share) => 239 * share + noise), 255], at);
  }
  return PNG.sync.write(picture);
}
