/**
 * CPython's `multiprocessing.Pool`, the model. It measures itself, in `python_pool.py`.
 *
 * @module
 */

import type { Contestant } from "../contestant.ts";

const OTHER_VALUES = "its values are of other kinds, and are sent in another way";

const NO_HANDING_OVER = "processes share no memory to hand over";

export const contestant: Contestant = {
  name: "python",
  kind: "other language",
  runtimes: ["node24", "bun", "deno"],
  cannot: {
    buffers_transferred: NO_HANDING_OVER,
    map_mixed: OTHER_VALUES,
    map_nested: OTHER_VALUES,
    map_numbers_each: "its map sends chunks",
    map_rows: OTHER_VALUES,
    map_texts: OTHER_VALUES,
    ready: "its workers are processes, which it starts at once",
  },
  open: () =>
    Promise.reject(
      new TypeError("Cannot open Python's pool: it is another process"),
    ),
};
