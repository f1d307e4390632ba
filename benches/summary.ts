/**
 * What the lines of a results file come to: one entry a runtime, workload and contestant.
 *
 * @module
 */

import type { Line } from "./contestant.ts";
import { quantile } from "./quantiles.ts";

/** One metric over all rounds. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** All rounds of one contestant. */
export interface Result {
  readonly runtime: Line["runtime"];
  readonly workload: string;
  readonly contestant: string;
  readonly rounds: number;
  /** By the metric's name; a metric that a round did not get to is taken from the others. */
  readonly figures: ReadonlyMap<string, Figure>;
  /** One text a round that failed. */
  readonly errors: readonly string[];
}

/** Those that are no pool of this language, and so not what a pool is compared with. */
const NO_PEERS: readonly string[] = ["empty", "polypool", "python", "raw", "serial"];

/** Reads a file of JSON lines. */
export function parseLines(text: string): Line[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Puts the rounds together, in the order in which the contestants first appear. */
export function summarize(lines: readonly Line[]): Result[] {
  const groups = Map.groupBy(lines, keyOf);
  return [...groups.values()].map(summarizeGroup);
}

export function isPeer(contestant: string): boolean {
  return !NO_PEERS.includes(contestant);
}

/** Whether a larger value of a metric is the better one: rates are, times and memory are not. */
export function isMoreBetter(metric: string): boolean {
  return /PerSecond$|speedup/i.test(metric);
}

function keyOf({ runtime, workload, contestant }: Line): string {
  return [runtime, workload, contestant].join();
}

function summarizeGroup(lines: readonly Line[]): Result {
  // A group has a line, or it would not be.
  const [{ runtime, workload, contestant }] = lines as readonly [Line];
  const errors = lines.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const values = lines.flatMap(({ metrics = {} }) => Object.entries(metrics));
  const names = Map.groupBy(values, ([name]) => name);
  const figures = new Map(
    [...names].map(([name, entries]) => [name, figureOf(entries.map(([, value]) => value))]),
  );
  return {
    runtime,
    workload,
    contestant,
    rounds: lines.length,
    figures,
    errors,
  };
}

function figureOf(values: readonly number[]): Figure {
  return {
    median: quantile(values, 0.5),
    min: quantile(values, 0),
    max: quantile(values, 1),
  };
}
