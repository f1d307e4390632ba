/**
 * One measurement: a fresh process, or some of them where the start is measured.
 *
 * @module
 */

import { type ChildOutcome, runChild } from "./child.ts";
import type { Line, Runtime } from "./contestant.ts";
import { isJob, jobOf } from "./job_pool.ts";
import { EMPTY, isStart, type Measurement } from "./plan.ts";
import type { Launchers } from "./prepare.ts";
import { median } from "./quantiles.ts";

/** What came of it. */
export type Outcome = Pick<Line, "metrics" | "error" | "isLate">;

/** A process took longer than it may. */
class LateError extends Error {
  override readonly name = "LateError";
}

/** The results of each job, which are the same for all: whoever comes first says what they are. */
const checksums = new Map<string, string>();

const PYTHON = ["python3", new URL("./python_pool.py", import.meta.url).pathname];

/** What keeps all threads of a process on the first core. */
const ON_ONE_CORE = ["taskset", "-c", "0"];

/** Runs one measurement; whatever goes wrong is its outcome. */
export function measure(measurement: Measurement, launchers: Launchers): Promise<Outcome> {
  return measureAny(measurement, launchers).catch((error: Error) => ({
    error: error.message,
    ...(error instanceof LateError && { isLate: true }),
  }));
}

/** Whether Python is there. */
export function hasPython(): Promise<boolean> {
  const version = runChild(["python3", "--version"], 10_000);
  return version.then(({ success }) => success, () => false);
}

function measureAny(measurement: Measurement, launchers: Launchers): Promise<Outcome> {
  if (isJob(measurement.workload)) return measureJob(measurement, launchers);
  if (isStart(measurement.workload)) return measureStart(measurement, launchers);
  return measureInside(measurement, launchers);
}

async function measureInside(measurement: Measurement, launchers: Launchers): Promise<Outcome> {
  const { workload, contestant, mode, runtime, sizes, isPinned, limitMs } = measurement;
  const program = runtime === "python"
    ? [...PYTHON, workload, JSON.stringify(sizes)]
    : [...launchers[runtime]("run"), workload, fileOf(contestant), mode];
  const command = isPinned ? [...ON_ONE_CORE, ...program] : program;
  const { stdout } = expectSuccess(await runChild(command, limitMs), limitMs);
  const { metrics, error } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  return error === undefined ? { metrics } : { error };
}

/** The first start is not counted: it fills the caches of the disk and of the runtime. */
async function measureStart(measurement: Measurement, launchers: Launchers): Promise<Outcome> {
  const { sizes: { starts = 1 }, limitMs } = measurement;
  const outcomes: ChildOutcome[] = [];
  for (let start = 0; start <= starts; start++) {
    const outcome = await runChild(startCommand(measurement, launchers), limitMs);
    expectSame(expectSuccess(outcome, limitMs).stdout.trim(), "2");
    outcomes.push(outcome);
  }
  const counted = outcomes.slice(1);
  const firstResultMs = median(counted.map(({ firstOutputMs }) => firstOutputMs));
  const wholeProcessMs = median(counted.map(({ endMs }) => endMs));
  const cpuMs = median(counted.map(({ cpuMs }) => cpuMs));
  return { metrics: { firstResultMs, wholeProcessMs, cpuMs } };
}

/** What makes the inputs is not counted: it fills the caches of the disk as well. */
async function measureJob(measurement: Measurement, launchers: Launchers): Promise<Outcome> {
  const { workload, contestant, runtime, sizes, limitMs } = measurement;
  // Python does no jobs.
  const program = launchers[runtime as Runtime]("job");
  const command = [...program, jobOf(workload), String(sizes.inputs)];
  expectSuccess(await runChild(command, limitMs), limitMs);
  const outcome = await runChild([...command, fileOf(contestant)], limitMs);
  const { stdout, endMs: wallMs, cpuMs } = expectSuccess(outcome, limitMs);
  const checksum = stdout.trim();
  const expected = checksums.get(workload) ?? checksum;
  checksums.set(workload, expected);
  expectSame(checksum, expected);
  return { metrics: { wallMs, cpuMs } };
}

function startCommand(
  { workload, contestant, runtime }: Measurement,
  launchers: Launchers,
): string[] {
  if (runtime === "python") return PYTHON;
  if (contestant === EMPTY) return launchers[runtime]("empty");
  return [...launchers[runtime](workload), fileOf(contestant)];
}

function expectSuccess(outcome: ChildOutcome, limitMs: number): ChildOutcome {
  if (outcome.isLate) throw new LateError(`no result in ${limitMs / 1000} s`);
  if (!outcome.success || outcome.stdout === "") {
    throw new Error(`no result: ${summaryOf(outcome.stderr)}`);
  }
  return outcome;
}

function expectSame(actual: string, expected: string): void {
  if (actual !== expected) throw new Error(`wrong result: ${actual} instead of ${expected}`);
}

/** The line that names the error, as far as one can tell. */
function summaryOf(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const line = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  return line.trim().slice(0, 200);
}

/** Files have the names of their libraries. */
function fileOf(contestant: string): string {
  return contestant.replaceAll("-", "_");
}
