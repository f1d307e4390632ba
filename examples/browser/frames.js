/**
 * Watches the frames of the page: a bead that swings, a strip of the last seconds, and the longest
 * frame of a stretch of time.
 *
 * @module
 */

const SPAN = 4000;
/** Colours by duration in milliseconds: smooth, noticed, annoying. */
const COLOURS = [[25, "#3ddc97"], [60, "#ffb547"], [Infinity, "#ff5d5d"]];

export class Frames {
  #strip;
  #bead;
  #frames = [];
  #last = performance.now();
  #worst = 0;

  constructor(strip, bead) {
    this.#strip = strip;
    this.#bead = bead;
    requestAnimationFrame(() => this.#tick());
  }

  /** Begins a stretch. */
  async start() {
    await nextFrame();
    this.#worst = 0;
  }

  /** Ends it: the longest time, in milliseconds, between two frames. */
  async stop() {
    await nextFrame();
    return this.#worst;
  }

  #tick() {
    const now = performance.now();
    const duration = now - this.#last;
    this.#last = now;
    // In the background a page has no frames: not the fault of what it does.
    if (!document.hidden) this.#worst = Math.max(this.#worst, duration);
    this.#frames.push({ end: now, duration });
    while (now - this.#frames[0].end > SPAN) this.#frames.shift();
    this.#draw(now);
    requestAnimationFrame(() => this.#tick());
  }

  #draw(now) {
    const { clientWidth: width, clientHeight: height } = this.#strip;
    const swing = Math.sin(now / 350) / 2 + 0.5;
    this.#bead.style.transform = `translateX(${swing * (width - this.#bead.offsetWidth)}px)`;
    this.#strip.width = width * devicePixelRatio;
    this.#strip.height = height * devicePixelRatio;
    const context = this.#strip.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    for (const { end, duration } of this.#frames) {
      const tall = Math.min(1, Math.sqrt(duration / 250)) * height;
      const wide = duration / SPAN * width;
      context.fillStyle = COLOURS.find(([most]) => duration <= most)[1];
      const left = width - (now - end) / SPAN * width - wide;
      context.fillRect(left, height - tall, Math.max(wide - 0.6, 0.6), tall);
    }
  }
}

/** Waits until the next frame has been counted. */
function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
