/**
 * Results as tables in Markdown.
 *
 * @module
 */

import type { Line } from "./contestant.ts";
import { formatNumber, formatRatio } from "./number_format.ts";
import { type Figure, isMoreBetter, type Result, summarize } from "./summary.ts";

const LEGEND =
  `Medians over the rounds, with the least and the greatest value in brackets, and the ratio to
polypool's median. Rates and speedups are better when they are greater, times and memory when they
are less. The best comes first, by the first column.`;

/** Writes a section a workload, with a table a runtime and a row a contestant. */
export function report(lines: readonly Line[]): string {
  const workloads = Map.groupBy(summarize(lines), ({ workload }) => workload);
  const sections = [...workloads].map(([name, results]) => reportWorkload(name, results));
  return [`# Results\n\n${LEGEND}\n`, ...sections].join("\n");
}

function reportWorkload(name: string, results: readonly Result[]): string {
  const groups = Map.groupBy(results, ({ runtime }) => runtime);
  // It was measured once for all runtimes, and is compared on each.
  const python = groups.get("python") ?? [];
  if (groups.size > 1) groups.delete("python");
  const tables = [...groups].map(([runtime, own]) => {
    const rows = runtime === "python" ? own : [...own, ...python];
    return `### ${name} on ${runtime}\n\n${tableOf(rows)}\n`;
  });
  return [`## ${name}\n`, ...tables].join("\n");
}

function tableOf(results: readonly Result[]): string {
  const metrics = [...new Set(results.flatMap(({ figures }) => [...figures.keys()]))];
  const subject = results.find(({ contestant }) => contestant === "polypool");
  const rows = [...results].sort(byMetric(metrics[0] ?? ""));
  return [
    ["contestant", ...metrics.map(headingOf), "failed"],
    ["---", ...metrics.map(() => "---:"), "---"],
    ...rows.map((result) => [
      result.contestant,
      ...metrics.map((metric) => cellOf(result.figures.get(metric), subject?.figures.get(metric))),
      failuresOf(result),
    ]),
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** The best comes first, and those that have no figure last. */
function byMetric(metric: string): (a: Result, b: Result) => number {
  const sign = isMoreBetter(metric) ? -1 : 1;
  const rank = ({ figures }: Result) => sign * (figures.get(metric)?.median ?? sign * Infinity);
  return (a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left === right ? 0 : left - right;
  };
}

/** Makes words of a name: "p50Us" is "p50 us". */
function headingOf(metric: string): string {
  return metric.replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase();
}

function cellOf(figure: Figure | undefined, subject: Figure | undefined): string {
  if (figure === undefined) return "—";
  const { median, min, max } = figure;
  const range = min === max ? "" : ` (${formatNumber(min)}–${formatNumber(max)})`;
  const ratio = subject === undefined ? "" : ` ${formatRatio(median / subject.median)}`;
  return `${formatNumber(median)}${range}${ratio}`;
}

function failuresOf({ errors, rounds }: Result): string {
  if (errors.length === 0) return "";
  // A bar would end the cell.
  const texts = [...new Set(errors)].map((error) =>
    error.replace(/\s+/g, " ").replaceAll("|", "/")
  );
  return `${errors.length} of ${rounds}: ${texts.join("; ")}`;
}
