import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawChart, type Row } from "../../benches/bar_chart.ts";
import type { Line, Metrics } from "../../benches/contestant.ts";
import { formatNumber } from "../../benches/number_format.ts";
import { report } from "../../benches/report.ts";
import { parseLines, summarize } from "../../benches/summary.ts";
import { judge, type Target, TARGETS, type Verdict } from "../../benches/targets.ts";

const WORKLOAD = "tiny_apply";
const METRIC = "tasksPerSecond";

/** A round of a contestant on Node. */
function line(contestant: string, metrics: Metrics, changes: Partial<Line> = {}): Line {
  const common = { runtime: "node24", workload: WORKLOAD, mode: "quick", round: 1 } as const;
  return { ...common, contestant, metrics, ...changes };
}

function rate(contestant: string, tasksPerSecond: number, changes: Partial<Line> = {}): Line {
  return line(contestant, { tasksPerSecond }, changes);
}

/** A round that came to nothing. */
function failure(contestant: string, error: string): Line {
  return { runtime: "node24", workload: WORKLOAD, contestant, mode: "quick", round: 1, error };
}

/** Cells of the rows below the head of the first table. */
function rowsOf(markdown: string): string[][] {
  const table = markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);
  return table.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
  );
}

/** The verdict on one made-up target. */
function verdictOf(lines: readonly Line[], changes: Partial<Target> = {}): Verdict | undefined {
  const factors = { node24: 2, bun: 3, deno: 4 };
  const common = { workload: WORKLOAD, metric: METRIC, bound: "at least", factors } as const;
  return judge(summarize(lines), [{ ...common, against: "raw", ...changes }])[0];
}

describe("report() of benches", () => {
  it("gives medians, ranges and ratios, the best first", () => {
    const rows = rowsOf(
      report([
        rate("piscina", 40),
        rate("piscina", 60),
        rate("piscina", 50),
        rate("polypool", 100),
      ]),
    );
    assert.deepEqual(rows, [
      ["polypool", "100 1×", ""],
      ["piscina", "50 (40–60) 0.5×", ""],
    ]);
  });

  it("puts the least first where less is better", () => {
    const lines = [line("raw", { p50Us: 9 }), line("polypool", { p50Us: 3 })];
    assert.deepEqual(
      rowsOf(report(lines)).map(([name]) => name),
      ["polypool", "raw"],
    );
  });

  it("shows what failed, last, and counts it", () => {
    const rows = rowsOf(
      report([
        failure("threads", "no result in 60 s"),
        failure("piscina", "a | b"),
        rate("piscina", 7),
      ]),
    );
    assert.deepEqual(rows, [
      ["piscina", "7", "1 of 2: a / b"],
      ["threads", "—", "1 of 1: no result in 60 s"],
    ]);
  });

  it("compares Python on every runtime", () => {
    const markdown = report([
      rate("polypool", 10),
      rate("polypool", 20, { runtime: "bun" }),
      rate("python", 5, { runtime: "python" }),
    ]);
    assert.deepEqual(
      rowsOf(markdown).filter(([name]) => name === "python"),
      [
        ["python", "5 0.5×", ""],
        ["python", "5 0.25×", ""],
      ],
    );
  });

  it("names metrics in words", () => {
    const markdown = report([line("raw", { p50Us: 1, firstItemsPerSecond: 2 })]);
    assert.match(markdown, /\| contestant \| p50 us \| first items per second \| failed \|/);
  });
});

describe("judge() of benches", () => {
  it("divides medians, and meets a bound that is just reached", () => {
    const lines = [rate("raw", 10), rate("polypool", 15), rate("polypool", 25)];
    const verdict = verdictOf(lines);
    assert.equal(verdict?.figure, 2);
    assert.equal(verdict.isMet, true);
    assert.equal(verdictOf([...lines, rate("raw", 11)])?.isMet, false);
  });

  it("takes each runtime's own factor, and only runtimes that were measured", () => {
    const lines = [rate("raw", 10), rate("polypool", 25)];
    const everywhere = (["bun", "node24"] as const).flatMap((runtime) =>
      lines.map((line) => ({ ...line, runtime }))
    );
    const target = { ...TARGETS[1], factors: { node24: 2, bun: 3, deno: 4 } } as Target;
    const verdicts = judge(summarize(everywhere), [target]);
    assert.deepEqual(
      verdicts.map(({ runtime, isMet }) => [runtime, isMet]),
      [
        ["node24", true],
        ["bun", false],
      ],
    );
  });

  it("finds the best peer, by whether more or less is better", () => {
    const rates = [rate("polypool", 9), rate("piscina", 3), rate("comlink", 4)];
    assert.equal(verdictOf(rates, { against: "best peer" })?.opponent, "comlink");
    const times = rates.map((line) => ({
      ...line,
      metrics: { p50Us: line.metrics?.[METRIC] ?? 0 },
    }));
    const verdict = verdictOf(times, { against: "best peer", metric: "p50Us", bound: "at most" });
    assert.equal(verdict?.opponent, "piscina");
    assert.equal(verdict.figure, 3);
  });

  it("takes no floor, serial run, empty script or other language for a peer", () => {
    const others = ["raw", "serial", "empty", "python"].map((name) => rate(name, 100));
    const lines = [...others, rate("polypool", 9), rate("piscina", 3)];
    assert.equal(verdictOf(lines, { against: "best peer" })?.opponent, "piscina");
  });

  it("takes no peer that starts fast and cannot run tiny tasks", () => {
    const workload = "start";
    const lines = [
      failure("multithreading", "no result"),
      line("multithreading", { firstResultMs: 1 }, { workload }),
      line("piscina", { firstResultMs: 30 }, { workload }),
      line("polypool", { firstResultMs: 15 }, { workload }),
    ];
    const changes = { workload, metric: "firstResultMs", against: "best peer" } as const;
    assert.equal(verdictOf(lines, changes)?.opponent, "piscina");
  });

  it("compares with Python, which has a runtime of its own", () => {
    const lines = [rate("polypool", 9), rate("python", 3, { runtime: "python" })];
    assert.equal(verdictOf(lines, { against: "python" })?.figure, 3);
  });

  it("compares with another figure of its own, or with nothing", () => {
    const lines = [line("polypool", { us500k: 3, us1k: 2 })];
    const changes = { metric: "us500k", bound: "at most" } as const;
    assert.equal(verdictOf(lines, { ...changes, against: { own: "us1k" } })?.figure, 1.5);
    assert.equal(verdictOf(lines, { ...changes, against: "nothing" })?.figure, 3);
  });

  it("has no figure where one of the two was not measured", () => {
    assert.deepEqual(
      [verdictOf([rate("raw", 1)]), verdictOf([rate("polypool", 1)])].map((verdict) => [
        verdict?.figure,
        verdict?.isMet,
      ]),
      [
        [undefined, false],
        [undefined, false],
      ],
    );
  });

  it("has a direction for each target that fits its metric", () => {
    const isRate = (metric: string) => /PerSecond|speedup/.test(metric);
    for (const { metric, bound } of TARGETS) {
      assert.equal(bound, isRate(metric) ? "at least" : "at most", metric);
    }
  });
});

describe("drawChart() of benches", () => {
  const bar = (label: string, role: Row["role"], value: number) => ({
    label,
    role,
    values: [value],
  });
  const draw = (...rows: Row[]) => {
    const common = { title: "a < b", subtitle: "", series: [""], format: String };
    return drawChart({ ...common, panels: [{ title: "Node", rows }] });
  };
  const widthsIn = (svg: string) =>
    [...svg.matchAll(/<rect class="(?:subject|rival)".* width="([\d.]+)"/g)].map(([, width]) =>
      Number(width)
    );

  it("draws bars to scale, with labels and values", () => {
    const svg = draw(bar("ours", "subject", 30), bar("theirs", "rival", 15));
    const [ours = 0, theirs = 0] = widthsIn(svg);
    assert.ok(Math.abs(ours - 2 * theirs) < 0.2);
    for (const text of ["ours", "theirs", "30", "15", "a &lt; b"]) {
      assert.ok(svg.includes(`>${text}<`), text);
    }
  });

  it("cuts off a bar that would hide the others, and never the subject's", () => {
    const long = draw(bar("ours", "subject", 5), bar("b", "rival", 10), bar("c", "rival", 900));
    const [, second, third] = widthsIn(long);
    assert.equal(second, third);
    assert.ok(long.includes(`class="gap"`));
    const fast = draw(bar("ours", "subject", 900), bar("b", "rival", 10));
    assert.ok(!fast.includes(`class="gap"`));
  });
});

describe("formatNumber() of benches", () => {
  it("keeps three digits", () => {
    const numbers = [0.012345, 1, 15.26, 999.4, 999.6, 1234, 2_250_000];
    const texts = ["0.0123", "1", "15.3", "999", "1k", "1.23k", "2.25M"];
    assert.deepEqual(numbers.map(formatNumber), texts);
  });
});

describe("parseLines() of benches", () => {
  it("reads what the bench writes, whose last line ends too", () => {
    assert.deepEqual(parseLines(`${JSON.stringify(rate("raw", 1))}\n`), [rate("raw", 1)]);
  });
});
