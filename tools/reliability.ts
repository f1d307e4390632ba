/**
 * Lets all faults happen on every runtime, and writes the tables of docs/reliability.md.
 *
 *     deno task reliability [--rounds 5]
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Fault } from "../tests/faults/fault.ts";
import { matrix } from "../tests/faults/matrix.ts";
import { type Column, columns, sectionOf } from "../tests/faults/table.ts";
import { RUNTIMES } from "./runtimes.ts";
import { runTests } from "./test_run.ts";

/** What the tests write of one fault. */
interface Line {
  readonly fault: string;
  readonly place: string;
  readonly ms: number;
}

const DOCUMENT = "docs/reliability.md";
const SUITE = "tests/faults/faults_test.ts";
const MINUTES = 5;

/** What the document promises: a median above it is an error. */
const MAX_MS = 1_000;

/** What is generated stands between these two. */
const BEGIN = "<!-- tables: written by `deno task reliability` -->";
const END = "<!-- end of tables -->";

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });

Deno.chdir(new URL("../", import.meta.url));
const times = new Map<Column, Map<string, number[]>>();
for (let round = 1; round <= Number(options.rounds); round++) {
  for (const name of Object.keys(RUNTIMES)) await measure(name);
}
await writeTables();

async function measure(name: string): Promise<void> {
  const runtime = RUNTIMES[name];
  if (runtime === undefined) throw new RangeError(`Cannot measure as no runtime is ${name}`);
  console.error(`Measuring ${name}`);
  const report = await Deno.makeTempFile({ suffix: ".jsonl" });
  // Whatever this process starts finds it there.
  Deno.env.set("POLYPOOL_FAULT_REPORT", report);
  const { kind: command } = runtime;
  const limit = MINUTES * 60_000;
  const run = { name, command, runtime, files: [SUITE], limit, isLong: true };
  const outcome = await runTests(run);
  if (outcome.failed > 0) throw new Error(`Cannot measure as tests fail:\n${outcome.output}`);
  for (const line of (await Deno.readTextFile(report)).trim().split("\n")) {
    // The suite wrote it in this very form.
    keep(name, JSON.parse(line) as Line);
  }
  await Deno.remove(report);
}

function keep(name: string, { fault, place, ms }: Line): void {
  const column = columns[place === "inline" ? place : name];
  if (column === undefined) throw new RangeError(`Cannot keep a time as no column is ${name}`);
  const byFault = times.get(column) ?? new Map<string, number[]>();
  times.set(column, byFault);
  byFault.set(fault, [...byFault.get(fault) ?? [], ms]);
}

function medianOf({ name }: Fault, column: Column): string {
  const sorted = [...times.get(column)?.get(name) ?? []].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  if (median === undefined) throw new Error(`Cannot write a time as there is none: ${name}`);
  if (median > MAX_MS) throw new Error(`Cannot promise a second as it took ${median} ms: ${name}`);
  return `${median} ms`;
}

async function writeTables(): Promise<void> {
  const text = await Deno.readTextFile(DOCUMENT);
  const [before, rest = ""] = text.split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error(`Cannot write tables as ${DOCUMENT} has no place`);
  const sections = matrix.map((group) => sectionOf(group, medianOf));
  const parts = [before, BEGIN, "\n\n", sections.join("\n\n"), "\n\n", END, after];
  await Deno.writeTextFile(DOCUMENT, parts.join(""));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", DOCUMENT] }).output();
}
