import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { runCommand } from "../fixtures/run_command.ts";
import { type Manifest, withProject } from "./project.ts";

/** What Jest and Vitest both write of a run. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
}

/** Asserts that all tests of the suite pass in a runner, which has to end by itself. */
export function assertSuitePasses(...command: readonly string[]): Promise<void> {
  return assertPasses("suite", { type: "module" }, command);
}

/** The same for the suite in CommonJS. */
export function assertCommonJsPasses(...command: readonly string[]): Promise<void> {
  return assertPasses("commonjs", {}, command);
}

function assertPasses(
  source: "commonjs" | "suite",
  manifest: Manifest,
  command: readonly string[],
): Promise<void> {
  return withProject(source, manifest, async (folder) => {
    await runCommand(folder, process.execPath, ...command, "--outputFile=report.json");
    const report: Report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
    assert.ok(report.numPassedTests > 0);
    assert.deepEqual([report.numFailedTests, report.success], [0, true]);
  });
}
