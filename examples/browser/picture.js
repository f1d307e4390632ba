/**
 * The canvas with the picture: which part of the plane it shows, and in which tiles.
 *
 * @module
 */

const TILE = 64;
const HOME = { re: -0.65, im: 0, width: 3.3 };
/** About as deep as numbers go. */
const NARROWEST = 1e-11;

export class Picture {
  #canvas;
  #context;
  #view = HOME;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** How many times larger than at the beginning. */
  get depth() {
    return HOME.width / this.#view.width;
  }

  /** Gives the canvas as many pixels as it covers on the screen; says whether that changed. */
  fit() {
    const { clientWidth, clientHeight, width } = this.#canvas;
    const scale = Math.min(devicePixelRatio, 2);
    if (width === Math.round(clientWidth * scale)) return false;
    this.#canvas.width = Math.round(clientWidth * scale);
    this.#canvas.height = Math.round(clientHeight * scale);
    return true;
  }

  reset() {
    this.#view = HOME;
  }

  /** Zooms around a point, given in shares of the canvas; what is there now serves as a preview. */
  zoom(factor, x = 0.5, y = 0.5) {
    const { width, height } = this.#canvas;
    const view = this.#view;
    const target = Math.min(Math.max(view.width / factor, NARROWEST), HOME.width);
    const grown = view.width / target;
    this.#view = {
      re: view.re + (x - 0.5) * (view.width - target),
      im: view.im + (0.5 - y) * (view.width - target) * height / width,
      width: target,
    };
    const [left, top] = [x * width * (1 - grown), y * height * (1 - grown)];
    this.#context.drawImage(this.#canvas, left, top, width * grown, height * grown);
  }

  /** Darkens what is there, so that new tiles stand out. */
  dim() {
    this.#context.fillStyle = "rgb(8 9 14 / 70%)";
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** What there is to draw, from the middle outwards: the items of the pool's job. */
  tiles() {
    const { width, height } = this.#canvas;
    const { re, im, width: across } = this.#view;
    const step = across / width;
    const limit = Math.round(300 + 80 * Math.log2(this.depth));
    const tiles = [];
    for (let y = 0; y < height; y += TILE) {
      for (let x = 0; x < width; x += TILE) {
        tiles.push({
          ...{ x, y, step, limit },
          width: Math.min(TILE, width - x),
          height: Math.min(TILE, height - y),
          re: re + step * (x - width / 2),
          im: im - step * (y - height / 2),
        });
      }
    }
    const distance = ({ x, y }) => Math.hypot(x + TILE / 2 - width / 2, y + TILE / 2 - height / 2);
    return tiles.sort((one, other) => distance(one) - distance(other));
  }

  /** Puts a drawn tile in its place. */
  put({ x, y, width, height, pixels }) {
    this.#context.putImageData(new ImageData(pixels, width, height), x, y);
  }
}
