/**
 * One run as a program of its own: it has to end by itself, and last prints its report.
 *
 *     node tests/chaos/program.ts --seed 123 --tasks 20000
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { runPlan, runPlanUnshared } from "./chaos.ts";
import { planOf } from "./plan.ts";
import { checkRun } from "./check_run.ts";

const { values: options } = parseArgs({
  args: process.argv.slice(2),
  options: {
    seed: { type: "string", default: "1" },
    tasks: { type: "string", default: "20000" },
    unshared: { type: "boolean", default: false },
  },
});

const plan = planOf(Number(options.seed), Number(options.tasks));
const run = await (options.unshared ? runPlanUnshared : runPlan)(plan);
const report = checkRun(run);
console.log(JSON.stringify(report));
