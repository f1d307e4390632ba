/**
 * Measures this library and others side by side, and prints a report.
 *
 *     deno task bench [--quick | --cold] [--only node24,bun] [--workloads a,b]
 *                     [--contestants x,y] [--rounds 5] [--name results]
 *
 * Each measurement has a process of its own. What is cold is measured with its CPU time: that of
 * the first calls of a process, after a short warm-up.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Contestant, Entrant, Line, Mode, Runtime } from "./contestant.ts";
import type { JobPool } from "./job_pool.ts";
import { hasPython, measure } from "./measure.ts";
import { type Measurement, type NamedWorkload, plan } from "./plan.ts";
import { prepare } from "./prepare.ts";
import { report } from "./report.ts";
import type { Workload } from "./workload.ts";

const ALL_RUNTIMES: readonly Runtime[] = ["node24", "bun", "deno"];

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    cold: { type: "boolean", default: false },
    only: { type: "string" },
    workloads: { type: "string" },
    contestants: { type: "string" },
    rounds: { type: "string" },
    name: { type: "string" },
  },
});

const mode: Mode = options.cold ? "cold" : options.quick ? "quick" : "full";
const name = options.name ?? (mode === "full" ? "results" : mode);
const rounds = Number(options.rounds ?? { full: 5, quick: 3, cold: 7 }[mode]);
const runtimes = pick(ALL_RUNTIMES, (name) => name, options.only);
const contestants = pick(await loadContestants(), ({ name }) => name, options.contestants);
const workloads = pick(await loadWorkloads(), ({ name }) => name, options.workloads);
const lines = await run();
console.log(report(lines));
// What a library did when it was loaded may keep the process alive.
Deno.exit();

/** Takes what is named, in order, or all. */
function pick<T>(all: readonly T[], nameOf: (one: T) => string, names: string | undefined): T[] {
  if (names === undefined) return [...all];
  const wanted = names.split(",");
  const unknown = wanted.filter((name) => !all.some((one) => nameOf(one) === name));
  if (unknown.length > 0) {
    const known = [...new Set(all.map(nameOf))].join(", ");
    throw new RangeError(`Cannot measure as only ${known} are known: ${unknown.join(", ")}`);
  }
  return all.filter((one) => wanted.includes(nameOf(one)));
}

/** Whoever does jobs as well comes twice. */
async function loadContestants(): Promise<Entrant[]> {
  const modules = await loadFolder<{ contestant: Contestant }>("contestants");
  const pools = await loadFolder<{ jobPool: JobPool }>("job_pools");
  const found: Entrant[] = [
    ...modules.map(([, { contestant }]) => contestant),
    ...pools.map(([, { jobPool }]) => jobPool),
  ];
  const withPython = await hasPython();
  return found.filter(({ kind }) => withPython || kind !== "other language");
}

/** Leaves out those that have no place in the quick form, unless they are asked for. */
async function loadWorkloads(): Promise<NamedWorkload[]> {
  const modules = await loadFolder<{ workload: Workload }>("workloads");
  const found = modules.map(([name, { workload }]) => ({ name, workload }));
  if (mode === "cold") return found.filter(({ workload }) => workload.sizes.cold !== undefined);
  if (mode === "full" || options.workloads !== undefined) return found;
  return found.filter(({ workload }) => workload.quick !== "none");
}

function loadFolder<M>(folder: string): Promise<[name: string, module: M][]> {
  const url = new URL(`./${folder}/`, import.meta.url);
  const names = [...Deno.readDirSync(url)].map(({ name }) => name).sort();
  const load = async (name: string): Promise<[string, M]> => {
    return [name.replace(/\.ts$/, ""), await import(new URL(name, url).href)];
  };
  return Promise.all(names.filter((name) => name.endsWith(".ts")).map(load));
}

/** Measures one thing at a time, and keeps each line at once: a run may be stopped. */
async function run(): Promise<Line[]> {
  const launchers = await prepare(runtimes);
  const file = await emptyFile();
  const measurements = plan({ mode, rounds, runtimes, workloads, contestants });
  const lines: Line[] = [];
  for (const [at, measurement] of measurements.entries()) {
    // Whoever ran out of time once would do so in each round.
    if (lines.some((line) => line.isLate && isOfSame(line, measurement))) continue;
    const { sizes: _sizes, limitMs: _limit, ...names } = measurement;
    const start = performance.now();
    const line: Line = { ...names, ...await measure(measurement, launchers) };
    showProgress(line, `${at + 1}/${measurements.length}`, performance.now() - start);
    await Deno.writeTextFile(file, `${JSON.stringify(line)}\n`, { append: true });
    lines.push(line);
  }
  return lines;
}

async function emptyFile(): Promise<URL> {
  const folder = new URL("./results/", import.meta.url);
  const file = new URL(`${name}.jsonl`, folder);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(file, "");
  return file;
}

function isOfSame(line: Line, { runtime, workload, contestant }: Measurement): boolean {
  return line.runtime === runtime && line.workload === workload && line.contestant === contestant;
}

function showProgress(line: Line, position: string, ms: number): void {
  const { runtime, workload, contestant, metrics = {}, error } = line;
  const found = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  const seconds = `${(ms / 1000).toFixed(1)} s`;
  const cells = [position.padEnd(9), seconds.padStart(6), runtime.padEnd(6), workload, contestant];
  console.error(...cells, error ?? found.join(", "));
}
