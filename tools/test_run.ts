/**
 * One run of test files on one runtime: its counts, and what there is to say of it.
 *
 * @module
 */

import { type Counts, countTests } from "./junit.ts";
import { type Runtime, runtimePath } from "./runtimes.ts";

/** How test files are run. */
export type Command = Runtime["kind"] | "browsers" | "docs";

/** What to run. */
export interface TestRun {
  /** Row of the table. */
  readonly name: string;
  readonly command: Command;
  /** What it runs on. */
  readonly runtime: Runtime;
  /** Paths from the root of the repository. */
  readonly files: readonly string[];
  /** Past so many milliseconds the run is killed. */
  readonly limit: number;
  /** Whether nothing is cut short, for tests (`tests/fixtures/long.ts`) and runtimes alike. */
  readonly isLong: boolean;
}

/** How a run ended. */
export interface TestOutcome extends Counts {
  /** What the runner said, without the tests that passed. */
  readonly output: string;
}

/** Bun's own 5 s are short for tests that start workers. On Node 22 it bounds a whole file too. */
const TEST_TIMEOUT = 300_000;

/** How tests are run; the files follow. */
const COMMANDS: Readonly<Record<Command, readonly string[]>> = {
  deno: ["test", "-A", "--no-check", "--junit-path=REPORT"],
  docs: ["test", "-A", "--doc", "--junit-path=REPORT"],
  bun: ["test", `--timeout=${TEST_TIMEOUT}`, "--reporter=junit", "--reporter-outfile=REPORT"],
  node: [
    "--test",
    "--test-concurrency=1",
    `--test-timeout=${TEST_TIMEOUT}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=junit",
    "--test-reporter-destination=REPORT",
  ],
  // Node's own stripping of types is what serves the pages.
  browsers: ["--disable-warning=ExperimentalWarning", "tools/browsers/run.ts", "--report=REPORT"],
};

/** What stops a run before its end: the children have to be stopped with it. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** How to kill each of the runs that are under way. */
const running = new Set<() => void>();

/** What the runners print of a test that passed or was skipped. */
const PASSED = /^\s*(\((pass|skip|todo)\)|[✔﹣▶] )|\.\.\. (ok|ignored) \(/;

/** Runs tests; whatever goes wrong without a failed test to show for it counts as one. */
export async function runTests(run: TestRun): Promise<TestOutcome> {
  const folder = await Deno.makeTempDir();
  const junit = `${folder}/report.xml`;
  try {
    // A runner that ends early writes none.
    await Deno.writeTextFile(junit, "");
    const binary = await runtimePath(run.runtime);
    const options = { args: testArguments(run, junit), env: environment(run, folder) };
    const { success, output } = await runCommand(binary, options, run.limit);
    const report = await Deno.readTextFile(junit);
    const counts = countTests(report);
    const problems = [...(success ? [] : [output]), ...omissions(run, report, counts)];
    const failed = Math.max(counts.failed, Math.min(problems.length, 1));
    return { ...counts, failed, output: problems.join("\n") || output };
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, output: String(error) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function testArguments({ command, files }: TestRun, junit: string): string[] {
  return [
    ...COMMANDS[command].map((word) => word.replace("REPORT", junit)),
    ...files.map((file) => `./${file}`),
  ];
}

function environment({ isLong }: TestRun, folder: string): Record<string, string> {
  const always = {
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    // Tests of the package need the Deno that makes it, on whatever they run.
    POLYPOOL_DENO: Deno.execPath(),
  };
  if (isLong) return { ...always, POLYPOOL_LONG: "1" };
  // Else each worker compiles each module anew, which is most of what Node has to do in the suite.
  return { ...always, POLYPOOL_LONG: "", NODE_COMPILE_CACHE: `${folder}/compiled` };
}

async function runCommand(
  binary: string,
  options: { args: string[]; env: Record<string, string> },
  limit: number,
): Promise<{ success: boolean; output: string }> {
  const stdio = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  // In a process group of its own, to be killed whole: Node and many tests start processes.
  const child = new Deno.Command(binary, { ...options, ...stdio, detached: true }).spawn();
  const kill = () => Deno.kill(-child.pid, "SIGKILL");
  running.add(kill);
  const interrupt = () => {
    for (const killOne of running) killOne();
    Deno.exit(130);
  };
  const timer = setTimeout(kill, limit);
  for (const name of SIGNALS) Deno.addSignalListener(name, interrupt);
  const { success, signal, stdout, stderr } = await child.output();
  running.delete(kill);
  for (const name of SIGNALS) Deno.removeSignalListener(name, interrupt);
  clearTimeout(timer);
  const end = signal ? `Ended by ${signal}; a run is killed after ${limit / 60_000} minutes` : "";
  return { success, output: [textOf(stdout), textOf(stderr), end].join("\n").trim() };
}

function textOf(output: Uint8Array): string {
  const lines = new TextDecoder().decode(output).split("\n");
  return lines.filter((line) => !PASSED.test(line)).join("\n");
}

/** Finds what no runner calls a failure: that nothing was run, at all or of one file. */
function omissions({ command, files }: TestRun, report: string, counts: Counts): string[] {
  const total = counts.passed + counts.failed + counts.skipped;
  if (total === 0) return ["No test was run"];
  // Node 22 names no files in its report; countTests() sees its empty files by other means. What
  // runs pages says itself that a file has no test.
  if (command !== "deno" && command !== "bun") return [];
  const silent = files.filter((file) => !report.includes(file));
  return silent.map((file) => `No test was run in ${file}`);
}
