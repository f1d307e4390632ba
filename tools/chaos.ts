/**
 * Runs the chaos test for long: many tasks on each runtime, while workers die, jobs are aborted and
 * some tasks never end.
 *
 *     deno task chaos [--seed 123] [--tasks 20000] [--rounds 10] [--only deno,bun] [--unshared]
 *
 * With `--unshared`, the pool does without shared memory, as in a browser without isolation.
 * Each round has the next seed. A seed always gives the same plan; how threads take turns it does
 * not tell, so what fails once may have to be run again and again.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { RunReport } from "../tests/chaos/check_run.ts";
import { type Runtime, runtimePath, RUNTIMES } from "./runtimes.ts";

/** How a run ended. */
interface Outcome {
  readonly report: RunReport | undefined;
  readonly seconds: number;
  /** What went wrong, in plain words. */
  readonly complaints: readonly string[];
}

const ARGUMENTS: Readonly<Record<Runtime["kind"], readonly string[]>> = {
  deno: ["run", "-A", "--no-check"],
  bun: [],
  node: [],
};

/** Longest that a run may take, in ms: to start and end, and for each task. */
const LIMIT = { run: 120_000, task: 30 };

/** Most lines that are shown of what goes wrong in one run. */
const MAX_LINES = 20;

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0]) },
    tasks: { type: "string", default: "20000" },
    unshared: { type: "boolean", default: false },
    rounds: { type: "string", default: "1" },
    only: { type: "string", default: Object.keys(RUNTIMES).join() },
  },
});

Deno.chdir(new URL("../", import.meta.url));
printRow("runtime", ["seed", "tasks", "deaths", "aborts", "endless", "seconds", ""]);
for (let round = 0; round < Number(options.rounds); round++) {
  for (const name of options.only.split(",")) await run(name, Number(options.seed) + round);
}

async function run(name: string, seed: number): Promise<void> {
  const runtime = RUNTIMES[name];
  if (!runtime) throw new RangeError(`Cannot run as no runtime has the name: ${name}`);
  const { report, seconds, complaints } = await runProgram(runtime, seed);
  const { deaths = "?", aborts = "?", endless = "?" } = report ?? {};
  const isOk = complaints.length === 0;
  printRow(name, [
    ...[seed, options.tasks, deaths, aborts, endless],
    ...[seconds.toFixed(1), isOk ? "ok" : "FAILED"],
  ]);
  if (isOk) return;
  Deno.exitCode = 1;
  for (const line of complaints.slice(0, MAX_LINES)) console.log(`  ${line}`);
  if (complaints.length > MAX_LINES) console.log(`  … ${complaints.length - MAX_LINES} more`);
  const flag = options.unshared ? " --unshared" : "";
  console.log(
    `  again: deno task chaos --seed ${seed} --tasks ${options.tasks} --only ${name}${flag}`,
  );
}

async function runProgram(runtime: Runtime, seed: number): Promise<Outcome> {
  const start = performance.now();
  const program = ["tests/chaos/program.ts", "--seed", String(seed), "--tasks", options.tasks];
  if (options.unshared) program.push("--unshared");
  const child = new Deno.Command(await runtimePath(runtime), {
    args: [...ARGUMENTS[runtime.kind], ...program],
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  const limit = LIMIT.run + LIMIT.task * Number(options.tasks);
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const report = reportIn(new TextDecoder().decode(stdout));
  const complaints = [...report?.complaints ?? []];
  if (signal) complaints.push(`ended by ${signal}; a run is killed after ${limit / 1000} s`);
  else if (code !== 0) complaints.push(`ended with code ${code}`);
  // Only then: Deno writes there of every worker that dies.
  if (!report) complaints.push(...new TextDecoder().decode(stderr).split("\n").slice(-MAX_LINES));
  return { report, complaints, seconds: (performance.now() - start) / 1000 };
}

/** The last thing that the program prints is its report. */
function reportIn(stdout: string): RunReport | undefined {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? JSON.parse(line) : undefined;
}

function printRow(name: string, cells: readonly (number | string)[]): void {
  console.log(name.padEnd(10) + cells.map((cell) => String(cell).padStart(12)).join(""));
}
