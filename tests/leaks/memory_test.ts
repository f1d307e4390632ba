import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { isLong } from "../fixtures/long.ts";
import { runtime } from "../fixtures/runtime.ts";
import type { Sample } from "./leak_script.ts";
import { runScript } from "./run_script.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { slope } from "./trend.ts";

/** Samples of one run; the first half of them is warm-up. */
const SAMPLES = 20;

/** What may be more at the end of the second half than at its beginning, as the trend has it. */
const BOUNDS: Readonly<Record<keyof Sample, number>> = {
  alive: 5,
  heap: 768 * 1024,
  workerHeap: 768 * 1024,
  rss: 40 * 1024 * 1024,
};

/** Starting workers takes its time: else only a tenth of them is started. */
const isFull = isLong &&
  (runtime === "bun" || (runtime === "node" && process.version.startsWith("v24.")));

/** A program that does not end by itself is ended after this time, in ms. */
const KILL_AFTER = 280_000;

function totalOf({ total, startsWorkers = false }: Scenario): number {
  return startsWorkers && !isFull ? total / 10 : total;
}

function run(name: string, total: number): Promise<Sample[]> {
  return runScript("leak_script.ts", [name, String(total), String(SAMPLES)], KILL_AFTER);
}

function assertLevel(samples: readonly Sample[], key: keyof Sample): void {
  const values = samples.map((sample) => sample[key]);
  const measured = values.slice(SAMPLES / 2);
  const growth = slope(measured) * (measured.length - 1);
  assert.ok(growth < BOUNDS[key], `${key} grew by ${growth}: ${values.join(" ")}`);
}

describe("Memory", () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    const total = totalOf(scenario);
    it(`levels off over ${total} ${scenario.what}`, async () => {
      const samples = await run(name, total);
      assert.equal(samples.length, SAMPLES);
      for (const key of Object.keys(BOUNDS) as (keyof Sample)[]) assertLevel(samples, key);
    });
  }
});
