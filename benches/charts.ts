/**
 * Draws the charts of the README from a run's results.
 *
 *     deno task bench:charts results.jsonl
 *
 * @module
 */

import { type Chart, drawChart, type Panel, type Role, type Row } from "./bar_chart.ts";
import { formatNumber } from "./number_format.ts";
import { isMoreBetter, isPeer, parseLines, type Result, summarize } from "./summary.ts";

/** A chart of some metrics of a workload. */
interface ChartPlan {
  readonly file: string;
  readonly title: string;
  readonly subtitle: string;
  readonly workload: string;
  /** The last one decides the order. */
  readonly metrics: Readonly<Record<string, string>>;
  readonly format: (value: number) => string;
}

const FOLDER = new URL("../docs/charts/", import.meta.url);

const PANELS = { node24: "Node 24", bun: "Bun", deno: "Deno" } as const;

/** Not drawn: a thread that does the work itself sends nothing, and would be off the scale. */
const OMITTED: readonly string[] = ["serial", "empty"];

const LABELS: Readonly<Record<string, string>> = {
  raw: "raw workers",
  python: "Python’s Pool",
};

const CHARTS: readonly ChartPlan[] = [
  {
    file: "tiny_tasks.svg",
    title: "Tiny tasks per second",
    subtitle: "n + 1, submitted one by one and all at once, to two workers. More is better.",
    workload: "tiny_apply",
    metrics: { tasksPerSecond: "" },
    format: formatNumber,
  },
  {
    file: "map_numbers.svg",
    title: "Map over a million numbers, numbers per second",
    subtitle: "n × n, in two workers; in eight chunks made by hand where there is no map. " +
      "More is better.",
    workload: "map_numbers",
    metrics: {
      firstItemsPerSecond: "first call",
      warmItemsPerSecond: "later calls",
    },
    format: formatNumber,
  },
  {
    file: "latency.svg",
    title: "One task and back, in microseconds",
    subtitle: "Median of the time from the call to the result, one task at a time. " +
      "Less is better.",
    workload: "one_awaited",
    metrics: { p50Us: "" },
    format: (value) => `${Number(value.toPrecision(3)).toLocaleString("en")} µs`,
  },
];

const [path] = Deno.args;
if (path === undefined) {
  throw new TypeError("Cannot draw as no results are given: name a file");
}
const results = summarize(parseLines(await Deno.readTextFile(path)));
await Deno.mkdir(FOLDER, { recursive: true });
for (const plan of CHARTS) {
  const svg = drawChart(chartOf(plan));
  await Deno.writeTextFile(new URL(plan.file, FOLDER), svg);
}

function chartOf(plan: ChartPlan): Chart {
  const { title, subtitle, metrics, format } = plan;
  const panels = Object.entries(PANELS).map(([runtime, title]) => panelOf(plan, runtime, title));
  return {
    title,
    subtitle,
    format,
    series: Object.values(metrics),
    panels: panels.filter(({ rows }) => rows.length > 0),
  };
}

/** Python is no runtime of ours, and stands beside each. */
function panelOf(plan: ChartPlan, runtime: string, title: string): Panel {
  const metrics = Object.keys(plan.metrics);
  const sign = isMoreBetter(metrics.at(-1) ?? "") ? -1 : 1;
  const rows = results
    .filter((result) => result.workload === plan.workload)
    .filter((result) => result.runtime === runtime || result.runtime === "python")
    .filter(({ contestant }) => !OMITTED.includes(contestant))
    .map((result) => rowOf(result, metrics))
    .filter(({ values }) => values.length === metrics.length)
    .sort((a, b) => sign * ((a.values.at(-1) ?? 0) - (b.values.at(-1) ?? 0)));
  return { title, rows };
}

function rowOf({ contestant, figures }: Result, metrics: readonly string[]): Row {
  return {
    label: LABELS[contestant] ?? contestant,
    role: roleOf(contestant),
    values: metrics.flatMap((metric) => figures.get(metric)?.median ?? []),
  };
}

function roleOf(contestant: string): Role {
  if (contestant === "polypool") return "subject";
  return isPeer(contestant) ? "rival" : "reference";
}
