/**
 * What polypool wants to reach, and how far it gets in a run.
 *
 * @module
 */

import type { Line, Runtime } from "./contestant.ts";
import { isMoreBetter, isPeer, type Result } from "./summary.ts";

/**
 * What a figure is divided by: that of the best peer, of raw workers, of Python's pool, or another
 * figure of its own. "nothing": the figure itself is compared.
 */
export type Against =
  | "best peer"
  | "raw"
  | "python"
  | "nothing"
  | {
    readonly own: string;
  };

/** A bound of one figure, on each runtime. */
export interface Target {
  readonly workload: string;
  readonly metric: string;
  readonly against: Against;
  readonly bound: "at least" | "at most";
  readonly factors: Readonly<Record<Runtime, number>>;
}

/** A target on one runtime. */
export interface Verdict {
  readonly target: Target;
  readonly runtime: Runtime;
  /** What was reached: a ratio, or the figure itself; not there if it was not measured. */
  readonly figure?: number;
  /** Whose figure it was divided by. */
  readonly opponent?: string;
  readonly isMet: boolean;
}

const RUNTIMES: readonly Runtime[] = ["node24", "bun", "deno"];

export const TARGETS: readonly Target[] = [
  target("tiny_apply", "tasksPerSecond", "best peer", "at least", 8, 10, 10),
  target("tiny_apply", "tasksPerSecond", "raw", "at least", 1.2),
  target("one_awaited", "p50Us", "best peer", "at most", 1),
  target("one_awaited", "p50Us", "raw", "at most", 1.15),
  target("one_awaited", "p99Us", "best peer", "at most", 1),
  target("one_awaited", "p99Us", "raw", "at most", 1.15),
  target("map_numbers", "firstItemsPerSecond", "best peer", "at least", 1.2, 1.8, 1.8),
  target("map_numbers", "warmItemsPerSecond", "best peer", "at least", 3),
  target("buffers_cloned", "mibPerSecond", "raw", "at least", 1),
  target("buffers_transferred", "mibPerSecond", "raw", "at least", 0.85),
  target("fib", "speedup", "raw", "at least", 0.98),
  target("start", "firstResultMs", "best peer", "at most", 1.05),
  target("start", "wholeProcessMs", "best peer", "at most", 1.05),
  target("outstanding", "us500k", { own: "us1k" }, "at most", 1.5),
  target("outstanding", "peakRssMib", "raw", "at most", 1.1),
  target("map_objects", "firstItemsPerSecond", "best peer", "at least", 1.1, 1.5, 1.3),
  target("map_objects", "warmItemsPerSecond", "best peer", "at least", 1.5, 2, 1.5),
  target("mixed", "allTinyBackMs", "nothing", "at most", 15),
  target("skewed", "overIdeal", "nothing", "at most", 1.1),
  target("tiny_apply", "tasksPerSecond", "python", "at least", 1),
  target("one_awaited", "p50Us", "python", "at most", 1),
  target("one_awaited", "p99Us", "python", "at most", 1),
  target("map_numbers", "firstItemsPerSecond", "python", "at least", 1),
  target("map_numbers", "warmItemsPerSecond", "python", "at least", 1),
  target("buffers_cloned", "mibPerSecond", "python", "at least", 1),
  target("fib", "speedup", "python", "at least", 1),
  target("start", "firstResultMs", "python", "at most", 1),
  target("start", "wholeProcessMs", "python", "at most", 1),
  target("outstanding", "us500k", "python", "at most", 1),
  target("map_objects", "firstItemsPerSecond", "python", "at least", 1),
  target("map_objects", "warmItemsPerSecond", "python", "at least", 1),
];

/** Writes a target down; what is said of Node holds everywhere unless more is said. */
function target(
  workload: string,
  metric: string,
  against: Against,
  bound: Target["bound"],
  node24: number,
  bun: number = node24,
  deno: number = node24,
): Target {
  return { workload, metric, against, bound, factors: { node24, bun, deno } };
}

/** Judges every target on every runtime that was measured. */
export function judge(results: readonly Result[], targets: readonly Target[] = TARGETS): Verdict[] {
  const measured = RUNTIMES.filter((name) => results.some(({ runtime }) => runtime === name));
  return targets.flatMap((target) => measured.map((runtime) => judgeOne(results, target, runtime)));
}

function judgeOne(results: readonly Result[], target: Target, runtime: Runtime): Verdict {
  const { workload, metric, against, bound, factors } = target;
  const own = medianOf(results, runtime, workload, "polypool", metric);
  const other = findOpponent(results, target, runtime);
  if (own === undefined || other === undefined) {
    return { target, runtime, isMet: false };
  }
  const figure = own / other.median;
  const isMet = bound === "at least" ? figure >= factors[runtime] : figure <= factors[runtime];
  const opponent = against === "best peer" ? { opponent: other.name } : {};
  return { target, runtime, figure, isMet, ...opponent };
}

/** A figure to divide by, and whose it is. */
interface Opponent {
  readonly name: string;
  readonly median: number;
}

function findOpponent(
  results: readonly Result[],
  { workload, metric, against }: Target,
  runtime: Runtime,
): Opponent | undefined {
  if (against === "nothing") return { name: against, median: 1 };
  if (against === "best peer") {
    return findBestPeer(results, workload, metric, runtime);
  }
  const name = typeof against === "object" ? "polypool" : against;
  const where = name === "python" ? name : runtime;
  const what = typeof against === "object" ? against.own : metric;
  const median = medianOf(results, where, workload, name, what);
  return median === undefined ? undefined : { name, median };
}

/** A peer counts if it works: a pool that starts fast and then fails is no measure. */
function findBestPeer(
  results: readonly Result[],
  workload: string,
  metric: string,
  runtime: Runtime,
): Opponent | undefined {
  const here = results.filter((result) => result.runtime === runtime);
  const sign = isMoreBetter(metric) ? -1 : 1;
  const peers = here.flatMap(({ contestant: name, workload: its, figures }) => {
    const median = figures.get(metric)?.median;
    if (its !== workload || median === undefined || !isPeer(name)) return [];
    return fails(here, name) ? [] : [{ name, median }];
  });
  return peers.sort((a, b) => sign * (a.median - b.median))[0];
}

/** Whether a contestant was to run tiny tasks, and did so in no round. */
function fails(here: readonly Result[], name: string): boolean {
  return here.some(
    ({ contestant, workload, figures }) =>
      contestant === name && workload === "tiny_apply" && figures.size === 0,
  );
}

function medianOf(
  results: readonly Result[],
  runtime: Line["runtime"],
  workload: string,
  contestant: string,
  metric: string,
): number | undefined {
  const result = results.find(
    (result) =>
      result.runtime === runtime &&
      result.workload === workload &&
      result.contestant === contestant,
  );
  return result?.figures.get(metric)?.median;
}
