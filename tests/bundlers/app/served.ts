import { fromModule, Pool } from "@polypool/pool";
import { makeWorker } from "./make_worker.ts";
import { OTHERS } from "./others.ts";
import { report } from "./report.ts";
import * as tasks from "./tasks.ts";

const { half, square } = fromModule<typeof tasks>();
const pool = new Pool({ workers: 2, worker: makeWorker });

void report(pool, {
  square: () => pool.map(square, [1, 2, 3]),
  half: () => pool.apply(half, [5]),
  // These go by their names, which minifiers choose.
  plainNegate: () => pool.apply(tasks.negate, [5]),
  ...Object.fromEntries(
    OTHERS.map((other, index) => [`other${index}`, () => pool.apply(other, [5])]),
  ),
});
