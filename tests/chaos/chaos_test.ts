import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtime } from "../fixtures/runtime.ts";
import { runPlan, runPlanUnshared } from "./chaos.ts";
import { planOf } from "./plan.ts";
import { checkRun } from "./check_run.ts";

const TASKS = 300;

/** Closed, drained and terminated, beside endless tasks; nothing is aborted in the first. */
const SEEDS = [2, 3, 33];

/** What goes wrong comes with the command that runs the same plan again. */
function assertWithstood(seed: number, complaints: readonly string[], flag = ""): void {
  const again = `deno task chaos --seed ${seed} --tasks ${TASKS} --only ${runtime}${flag}`;
  assert.equal(complaints.length, 0, [`seed ${seed}`, ...complaints, `again: ${again}`].join("\n"));
}

describe("Pool in chaos", () => {
  for (const seed of SEEDS) {
    it(`keeps its promises beside deaths, aborts and endless tasks, seed ${seed}`, async () => {
      assertWithstood(seed, checkRun(await runPlan(planOf(seed, TASKS))).complaints);
    });
  }

  it("keeps its promises with a seed that was not tried before", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    assertWithstood(seed, checkRun(await runPlan(planOf(seed, TASKS))).complaints);
  });

  it("keeps its promises where no memory is shared", async () => {
    const run = await runPlanUnshared(planOf(6, TASKS));
    assertWithstood(6, checkRun(run).complaints, " --unshared");
  });
});
