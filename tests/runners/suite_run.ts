import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { runCommand } from "../fixtures/run_command.ts";
import { withProject } from "./project.ts";

/** What Jest and Vitest both write of a run. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
}

/** The suites there are, by their folders: with what goes into a project's `package.json`. */
const SUITES = { suite: { type: "module" }, commonjs: {}, browser: { type: "module" } } as const;

/** Asserts that all tests of a suite pass in a runner, which has to end by itself. */
export function assertSuitePasses(
  suite: keyof typeof SUITES,
  ...command: readonly string[]
): Promise<void> {
  return withProject(suite, SUITES[suite], async (folder) => {
    await runCommand(folder, process.execPath, ...command, "--outputFile=report.json");
    const report: Report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
    assert.ok(report.numPassedTests > 0);
    assert.deepEqual([report.numFailedTests, report.success], [0, true]);
  });
}
