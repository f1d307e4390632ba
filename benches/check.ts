/**
 * Compares a run with the targets, and prints what is met and what falls short.
 *
 *     deno task bench:check [results.jsonl | options of bench]
 *
 * Without a file the quick bench is run. Whether targets are met does not change the exit code:
 * machines are noisy.
 *
 * @module
 */

import { formatNumber, formatRatio } from "./number_format.ts";
import { parseLines, summarize } from "./summary.ts";
import { type Against, judge, type Verdict } from "./targets.ts";

/** The name of the results where no file is given. */
const NAME = "check";

const path = Deno.args.find((arg) => arg.endsWith(".jsonl")) ?? (await measure(Deno.args));
const verdicts = judge(summarize(parseLines(await Deno.readTextFile(path))));
if (verdicts.length === 0) {
  throw new Error(`Cannot check as there are no results: ${path}`);
}
printTable(verdicts);

async function measure(options: readonly string[]): Promise<string> {
  const bench = new URL("bench.ts", import.meta.url).pathname;
  const args = ["run", "-A", bench, "--quick", "--name", NAME, ...options];
  const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
  if (code !== 0) {
    throw new Error(`Cannot check as the bench failed: exit code ${code}`);
  }
  return new URL(`results/${NAME}.jsonl`, import.meta.url).pathname;
}

function printTable(verdicts: readonly Verdict[]): void {
  const rows = [["target", "runtime", "against", "figure", "wanted", ""], ...verdicts.map(cellsOf)];
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ??
    [];
  for (const row of rows) {
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
  const count = (state: string) => verdicts.filter((verdict) => stateOf(verdict) === state).length;
  const states = ["met", "short", "not measured"].map((state) => `${count(state)} ${state}`);
  console.log(`\n${states.join(", ")}`);
}

function cellsOf(verdict: Verdict): string[] {
  const { target, runtime, figure, opponent } = verdict;
  const { workload, metric, against, bound, factors } = target;
  const format = against === "nothing" ? formatNumber : formatRatio;
  return [
    `${workload} ${metric}`,
    runtime,
    opponent === undefined ? nameOf(against) : `${nameOf(against)}: ${opponent}`,
    figure === undefined ? "—" : format(figure),
    `${bound} ${format(factors[runtime])}`,
    stateOf(verdict),
  ];
}

function nameOf(against: Against): string {
  if (against === "nothing") return "itself";
  return typeof against === "object" ? `its own ${against.own}` : against;
}

function stateOf({ figure, isMet }: Verdict): string {
  if (figure === undefined) return "not measured";
  return isMet ? "met" : "short";
}
