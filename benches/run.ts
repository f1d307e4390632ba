/**
 * Measures one workload of one contestant in this process, and prints one line of JSON.
 *
 *     node run.ts <workload> <contestant> [quick|full|cold]
 *
 * @module
 */

import process from "node:process";
import type { Contestant, Metrics } from "./contestant.ts";
import type { Workload } from "./workload.ts";

const [workloadName = "", contestantName = "", modeName = "quick"] = process
  .argv.slice(2);
const mode = (["full", "cold"] as const).find((name) => name === modeName) ?? "quick";

/** This program is run as it is, and as JavaScript. */
const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

const outcome = await measure().catch((error: unknown) => ({
  error: String(error),
}));
const line = {
  workload: workloadName,
  contestant: contestantName,
  mode,
  ...outcome,
};
// Pools may still be open, and not every library lets the process end.
process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit());

async function measure(): Promise<{ metrics: Metrics }> {
  const { workload } = await import(`./workloads/${workloadName}${suffix}`) as {
    workload: Workload;
  };
  const { contestant } = await import(
    `./contestants/${contestantName}${suffix}`
  ) as {
    contestant: Contestant;
  };
  if (!workload.measure) {
    throw new TypeError("Only the bench measures this, from outside");
  }
  const sizes = workload.sizes[mode];
  if (sizes === undefined) throw new RangeError(`Cannot measure as it has no such mode: ${mode}`);
  return { metrics: await workload.measure(contestant, sizes) };
}
