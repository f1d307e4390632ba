/**
 * The page: its controls, and the two ways to draw.
 *
 * @module
 */

import { fromModule, Pool } from "@polypool/pool";
import { Frames } from "./frames.js";
import { byId, show, showProgress, showWorkers } from "./panel.js";
import { Picture } from "./picture.js";
import { renderTile } from "./tasks.js";

/** For the pool: a worker imports the module by this URL. */
const remote = fromModule(new URL("./tasks.js", import.meta.url));
const picture = new Picture(byId("picture"));
const frames = new Frames(byId("frames"), byId("bead"));
const cores = navigator.hardwareConcurrency;

let pool = newPool(cores);
/** Of the drawing that is under way, or was the last. */
let controller = new AbortController();
/** What each way of drawing took for this part of the set, by its name. */
let times = {};

function newPool(workers) {
  // What runs when a drawing is aborted may end: no tile takes so long that its worker must die.
  return new Pool({ workers, abortGrace: 1000 });
}

/** Tiles come as they are done, whichever they are, and until the signal says no. */
async function drawByPool(signal) {
  const tiles = picture.tiles();
  let done = 0;
  for await (const tile of pool.imapUnordered(remote.renderTile, tiles, { signal })) {
    picture.put(tile);
    showProgress(++done, tiles.length);
  }
}

/** The same without a pool: until it ends, the page does nothing else. */
function drawHere() {
  for (const tile of picture.tiles()) picture.put(renderTile(tile));
  showProgress(1, 1);
}

/** Draws in one of the two ways, in place of what is being drawn. */
async function draw(name) {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  picture.dim();
  showProgress(0, 1);
  show(name, "drawing", times, picture.depth);
  try {
    if (name === "pool") await pool.ready();
    await frames.start();
    signal.throwIfAborted();
    const start = performance.now();
    await (name === "pool" ? drawByPool(signal) : drawHere());
    const total = performance.now() - start;
    const worst = await frames.stop();
    signal.throwIfAborted();
    times[name] = { total, worst };
    show(name, "done", times, picture.depth);
  } catch (error) {
    // If another drawing has taken over, that one has the word.
    if (signal !== controller.signal) return;
    const state = signal.aborted ? "cancelled" : `failed: ${error.message}`;
    show(name, state, times, picture.depth);
  }
}

/** Shows another part of the set; figures of the one before say nothing about it. */
function look(change) {
  change();
  times = {};
  return draw("pool");
}

async function changeWorkers(workers) {
  controller.abort();
  const former = pool;
  pool = newPool(workers);
  delete times.pool;
  await Promise.all([former.terminate(), draw("pool")]);
}

byId("workers").max = Math.max(4, cores);
byId("workers").value = cores;
byId("workers").addEventListener("input", showWorkers);
byId("workers").addEventListener("change", (event) => changeWorkers(Number(event.target.value)));
byId("pool").querySelector(".draw").addEventListener("click", () => draw("pool"));
byId("page").querySelector(".draw").addEventListener("click", () => draw("page"));
byId("cancel").addEventListener("click", () => controller.abort());
byId("reset").addEventListener("click", () => look(() => picture.reset()));
byId("closer").addEventListener("click", () => look(() => picture.zoom(2)));
byId("farther").addEventListener("click", () => look(() => picture.zoom(1 / 2)));
byId("picture").addEventListener("click", ({ offsetX, offsetY, target }) => {
  look(() => picture.zoom(3, offsetX / target.clientWidth, offsetY / target.clientHeight));
});
new ResizeObserver(() => picture.fit() && look(() => {})).observe(byId("picture"));
showWorkers();
