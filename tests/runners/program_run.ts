import assert from "node:assert/strict";
import process from "node:process";
import { runCommand } from "../fixtures/run_command.ts";
import { type Manifest, withProject } from "./project.ts";

const TURNED = [{ x: -2, y: 1 }, { x: -4, y: 3 }];
const OUTPUT = JSON.stringify({
  doubles: [2, 4, 6],
  turned: TURNED,
  turnedByUrl: TURNED,
  successors: [2, 3, 4],
});

/** Asserts that a tool runs the program to its end; the tool may print more than the program does. */
export function assertProgramRuns(
  manifest: Manifest,
  ...command: readonly string[]
): Promise<void> {
  return withProject("program", manifest, async (folder) => {
    const output = await runCommand(folder, process.execPath, ...command);
    assert.ok(output.includes(OUTPUT), output);
  });
}
