/**
 * What the page says of its drawings.
 *
 * @module
 */

export const byId = (id) => document.getElementById(id);

/** Shows how the latest drawing stands, and what each way took. */
export function show(name, state, times, depth) {
  // For the eyes of tests.
  Object.assign(document.body.dataset, { name, state });
  byId("cancel").disabled = state !== "drawing";
  byId("status").textContent = `${name === "pool" ? "The pool" : "This thread"}: ${state}`;
  byId("depth").textContent = `${Math.round(depth).toLocaleString("en")}×`;
  for (const id of ["pool", "page"]) {
    const { total, worst } = times[id] ?? {};
    byId(id).querySelector(".total").textContent = milliseconds(total);
    byId(id).querySelector(".worst").textContent = milliseconds(worst);
  }
  byId("verdict").textContent = verdict(times);
}

/** Shows how many tiles are drawn. */
export function showProgress(done, total) {
  byId("progress").value = done / total;
}

/** Shows where the slider stands. */
export function showWorkers() {
  byId("count").textContent = byId("workers").value;
}

function verdict({ pool, page }) {
  if (!pool || !page) return "Draw it both ways to compare.";
  const ratio = (page.total / pool.total).toFixed(1);
  const [smooth, held] = [pool.worst, page.worst].map(milliseconds);
  return `With the pool ${ratio} times as fast, and a worst frame of ${smooth} instead of ${held}.`;
}

function milliseconds(time) {
  return time === undefined ? "–" : `${Math.round(time).toLocaleString("en")} ms`;
}
