import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule } from "../../mod.ts";
import { answerOf } from "../fixtures/run_program.ts";
import { blocksInnerStarts } from "../fixtures/runtime.ts";
import { withPool } from "../fixtures/with_pool.ts";

const program = new URL("../fixtures/programs/unguarded.ts", import.meta.url).href;

describe("a program that makes a pool of its own module wherever it is loaded", () => {
  for (const HOW of ["module", "reference"]) {
    for (const CATCHES of ["yes", "no"]) {
      it(`ends with an error that names it: by ${HOW}, errors caught: ${CATCHES}`, async () => {
        const answer = await answerOf("unguarded.ts", { env: { HOW, CATCHES } });
        const { message, restarted, ...names } = answer as { message: string; restarted: number };
        assert.deepEqual(names, { name: "WorkerLostError", cause: "PoolStateError" });
        assert.match(message, /import\.meta\.main.*isPoolWorker\(\)/);
        assert.ok(message.endsWith(program), message);
        assert.ok(restarted <= 5, `${restarted} workers replaced`);
      });
    }
  }
});

describe("a pool within a task", () => {
  const { nested, nestedLater } = fromModule<typeof import("../fixtures/tasks/nested.ts")>(
    new URL("../fixtures/tasks/nested.ts", import.meta.url),
  );

  for (const workers of [0, 1]) {
    const skip = workers > 0 && blocksInnerStarts;
    it(
      `may be one of the task's own module, ${workers} workers`,
      { skip },
      () =>
        withPool({ workers }, async (pool) => {
          assert.deepEqual(await pool.apply(nested, [2]), [4, [2]]);
          assert.deepEqual(await pool.apply(nestedLater, [2]), [4, [2]]);
        }),
    );
  }
});
