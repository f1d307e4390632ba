/**
 * Runs the suite on every runtime, and the code in the docs on Deno; by name also in browsers, and
 * with other people's tools (`--only browsers,ecosystem`).
 *
 *     deno task test [--only deno,node24,docs] [--long] [--jobs 1] [--repeat 20] [file...]
 *
 * So many rows run at a time as `--jobs` says, and each is killed after the minutes of `--limit`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { DEFAULT_ROWS, planOf } from "./rows.ts";
import { runtimePath } from "./runtimes.ts";
import { runTests, type TestOutcome, type TestRun } from "./test_run.ts";

/** One line of the table. */
interface Row extends TestOutcome {
  readonly name: string;
  readonly seconds: number;
}

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: DEFAULT_ROWS.join() },
    repeat: { type: "string", default: "1" },
    limit: { type: "string", default: "30" },
    jobs: { type: "string", default: "2" },
    long: { type: "boolean", default: false },
  },
});

Deno.chdir(new URL("../", import.meta.url));
const plans = options.only.split(",").map((name) => ({ name, ...planOf(name) }));
const wanted = plans
  .map((plan) => ({ ...plan, files: plan.files.filter(isWanted) }))
  .filter(({ files }) => files.length > 0);
const limit = Number(options.limit) * 60_000;
const runs: TestRun[] = wanted.map((plan) => ({ ...plan, limit, isLong: options.long }));
const jobs = Number(options.jobs);
if (!(jobs >= 1)) throw new RangeError(`Cannot run so many rows at a time: ${options.jobs}`);
const stray = filters.filter((filter) => !runs.some(({ files }) => files.some(matches(filter))));
if (stray.length > 0) throw new RangeError(`Cannot test as no file matches: ${stray.join(" ")}`);
for (const task of new Set(wanted.flatMap(({ needs }) => needs))) await install(task);
for (const name of new Set(wanted.flatMap(({ uses = [] }) => uses))) {
  await runtimePath(planOf(name).runtime);
}
const rows = await finishAll(Array.from({ length: Number(options.repeat) }, () => runs).flat());
printTable();
Deno.exitCode = total("failed") > 0 ? 1 : 0;

function isWanted(file: string): boolean {
  return filters.length === 0 || filters.some((filter) => matches(filter)(file));
}

function matches(filter: string): (file: string) => boolean {
  return (file) => file.includes(filter.replace(/^\.\//, ""));
}

async function install(task: string): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), { args: ["task", task] }).spawn()
    .status;
  if (!success) throw new Error(`Cannot test as ${task} failed: see its output`);
}

/** Runs so many at a time; the table has them in their order, whichever ends first. */
async function finishAll(queue: readonly TestRun[]): Promise<Row[]> {
  const rows: Row[] = [];
  const order = [...queue.entries()].sort(([, one], [, other]) => rank(one) - rank(other));
  const left = order.values();
  const work = async () => {
    for (const [place, run] of left) rows[place] = await finish(run);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return rows;
}

/** What takes longest begins first, lest it be alone at the end. */
function rank({ command }: TestRun): number {
  return ["browsers", "node", "deno", "bun", "docs"].indexOf(command);
}

async function finish(run: TestRun): Promise<Row> {
  console.error(`Testing ${run.name} (${run.runtime.kind} ${run.runtime.version})`);
  const start = performance.now();
  const outcome = await runTests(run);
  if (outcome.failed > 0) console.log(`\n${outcome.output}\n`);
  return { ...outcome, name: run.name, seconds: (performance.now() - start) / 1000 };
}

function printTable(): void {
  const line = (name: string, cells: (number | string)[]) =>
    name.padEnd(10) + cells.map((cell) => String(cell).padStart(9)).join("");
  console.log(line("\nruntime", ["passed", "failed", "skipped", "seconds"]));
  for (const { name, passed, failed, skipped, seconds } of rows) {
    console.log(line(name, [passed, failed, skipped, seconds.toFixed(1)]));
  }
  console.log(
    `\n${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`,
  );
}

function total(key: "passed" | "failed" | "skipped"): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}
