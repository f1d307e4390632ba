import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { randomOf, SchedulerWorld, worldOf } from "./scheduler_world.ts";

const STEPS = 60;

/** Walks with a seed; what goes wrong names it, and tells the story. */
async function walk(seed: number, hasClaims: boolean): Promise<void> {
  const world = worldOf(seed, hasClaims);
  try {
    await world.walk(STEPS);
    await world.end(seed % 3 === 0 ? "terminate" : "close");
  } catch (cause) {
    const options = JSON.stringify(world.options);
    const story = world.log.slice(-40).join("\n  ");
    throw new Error(`seed ${seed}, ${options}: ${cause}\n  ${story}`, { cause });
  }
}

describe("Scheduler in random walks", () => {
  for (let block = 0; block < 6; block++) {
    const first = block * 40;
    it(`keeps its promises with shared claims, seeds ${first} to ${first + 39}`, async () => {
      for (let seed = first; seed < first + 40; seed++) await walk(seed, true);
    });
  }

  for (let block = 0; block < 3; block++) {
    const first = 1000 + block * 40;
    it(`keeps its promises without shared memory, seeds ${first} to ${first + 39}`, async () => {
      for (let seed = first; seed < first + 40; seed++) await walk(seed, false);
    });
  }

  it("gives tasks out in order within each job, and among the calls of a priority, on one worker", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = new SchedulerWorld({
        seed,
        workers: 1,
        minWorkers: 0,
        maxTasksPerWorker: seed % 2 === 0 ? Infinity : 4,
        claims: true,
        grace: false,
        cost: [0.001, 0.5, 50][randomOf(seed)(3)] ?? 1,
        hostile: false,
        kinds: ["run", "apply", "map", "settled"],
      });
      await world.walk(STEPS);
      await world.end("close");
      for (const line of world.beginnings()) {
        assert.deepEqual(line, line.toSorted((a, b) => a - b), `seed ${seed}`);
      }
    }
  });
});
