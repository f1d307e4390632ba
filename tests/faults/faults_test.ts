import { appendFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { expectedOutcome, type Fault, type Place, places } from "./fault.ts";
import { matrix } from "./matrix.ts";
import { perform } from "./stage.ts";

/** Where to write what was seen, one line for each fault. */
const { POLYPOOL_FAULT_REPORT: report } = process.env;

function titleOf(fault: Fault, place: Place): string {
  const where = place === "inline" ? " with workers: 0" : "";
  return `${fault.name}${where}: the job gets ${expectedOutcome(fault)}, and no other suffers`;
}

async function check(fault: Fault, place: Place): Promise<void> {
  const sighting = await perform(fault, place);
  if (report === undefined) return;
  appendFileSync(report, `${JSON.stringify({ fault: fault.name, place, ...sighting })}\n`);
}

for (const { title, faults } of matrix) {
  describe(title, () => {
    for (const place of places) {
      for (const fault of faults) {
        const skip = fault.skip?.[place] ?? false;
        // What takes a thread of its own is no test of the calling thread.
        if (skip && place === "inline") continue;
        it(titleOf(fault, place), { skip }, () => check(fault, place));
      }
    }
  });
}
