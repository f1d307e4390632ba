/**
 * CPython's `multiprocessing.Pool`, the model. It measures itself, in `python_pool.py`.
 *
 * @module
 */

import type { Contestant } from "../contestant.ts";

const NO_HANDING_OVER = "processes share no memory to hand over";

export const contestant: Contestant = {
  name: "python",
  kind: "other language",
  runtimes: ["node24", "bun", "deno"],
  cannot: {
    buffers_transferred: NO_HANDING_OVER,
    map_numbers_each: "its map sends chunks",
  },
  open: () =>
    Promise.reject(
      new TypeError("Cannot open Python's pool: it is another process"),
    ),
};
