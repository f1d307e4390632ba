import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Roster, type RosterLimits } from "../../../core/pool/roster.ts";
import type { Slot } from "../../../core/pool/slot.ts";
import { tracedJob } from "./traced_job.ts";
import { SilentWorker } from "./silent_worker.ts";

/** A roster whose threads note what they are told. */
class Team {
  /** What threads were told, in order: `start w-1 0`. */
  readonly told: string[] = [];
  readonly roster: Roster;

  /** @param onHire Called when a thread is made, as a factory of the caller's is. */
  constructor(limits: Partial<RosterLimits> = {}, onHire: () => void = () => {}) {
    const given = { name: "w", workers: 3, minWorkers: 0, maxTasksPerWorker: Infinity, ...limits };
    this.roster = new Roster(given, (slot) => {
      onHire();
      return this.#threadOf(slot);
    });
  }

  #threadOf({ name }: Slot): SilentWorker {
    const worker = new SilentWorker();
    worker.start = (delay) => void this.told.push(`start ${name} ${delay}`);
    worker.stop = () => void this.told.push(`stop ${name}`);
    worker.kill = () => void this.told.push(`kill ${name}`);
    return worker;
  }

  /** The worker of that number. */
  slot(number: number): Slot {
    const slot = [...this.roster.slots].find(({ name }) => name === `w-${number}`);
    assert(slot, `there is no worker ${number}`);
    return slot;
  }

  /** Has all workers that are starting come up. */
  up(): void {
    for (const slot of this.roster.slots) {
      if (slot.status === "starting") this.roster.started(slot);
    }
  }

  /** Names and numbers in line of the workers that there are. */
  get places(): [name: string, index: number][] {
    return [...this.roster.slots].map(({ name, index }) => [name, index]);
  }
}

/** Gives a worker a task, so that it is not idle. */
function occupy(slot: Slot): void {
  const chunk = tracedJob(["a"]).job.take(1);
  assert(chunk);
  slot.give(chunk);
}

describe("Roster.startUpTo()", () => {
  it("starts as many as are wanted beyond those that are up, and no more than there may be", () => {
    const team = new Team();
    team.roster.startUpTo(0);
    assert.deepEqual(team.told, []);
    team.roster.startUpTo(1);
    team.roster.startUpTo(1);
    assert.deepEqual(team.told, ["start w-1 0"]);
    team.up();
    team.roster.startUpTo(1);
    assert.deepEqual(team.told, ["start w-1 0", "start w-2 0"]);
    team.roster.startUpTo(9);
    assert.deepEqual([team.roster.size, team.roster.ready, team.roster.starting], [3, 1, 2]);
  });

  it("starts the fewest that there are to be, whatever is wanted", () => {
    const team = new Team({ minWorkers: 2 });
    team.roster.startUpTo(0);
    assert.equal(team.roster.size, 2);
  });

  it("starts nothing once the roster is closed, also by the factory that it calls", () => {
    const team: Team = new Team({}, () => team.roster.close());
    team.roster.startUpTo(3);
    assert.deepEqual(team.told, ["start w-1 0"]);
    team.roster.startUpTo(3);
    assert.deepEqual(team.told, ["start w-1 0"]);
  });
});

describe("Roster.startFailed() and died()", () => {
  it("have the next start wait, each time twice as long, until one is up", () => {
    const team = new Team({ workers: 1 });
    for (let number = 1; number <= 4; number++) {
      team.roster.startUpTo(1);
      team.roster.startFailed(team.slot(number));
    }
    assert.deepEqual(team.told, ["start w-1 0", "start w-2 20", "start w-3 40", "start w-4 80"]);
    team.roster.startUpTo(1);
    team.up();
    team.roster.remove(team.slot(5));
    team.roster.startUpTo(1);
    assert.deepEqual(team.told.slice(4), ["start w-5 160", "start w-6 0"]);
  });

  it("give up hope after five failed starts in a row", () => {
    const team = new Team({ workers: 1 });
    const hopes: boolean[] = [];
    for (let number = 1; number <= 5; number++) {
      team.roster.startUpTo(1);
      team.roster.startFailed(team.slot(number));
      hopes.push(team.roster.hopeless);
    }
    assert.deepEqual(hopes, [false, false, false, false, true]);
  });

  it("do not have workers replaced as fast as they die without a task, but no longer than 5 s", () => {
    const team = new Team({ workers: 1 });
    team.roster.startUpTo(1);
    for (let number = 1; number <= 12; number++) {
      team.up();
      team.roster.died(team.slot(number));
      team.roster.replaceDead();
    }
    assert.deepEqual(team.told.slice(1, 4), ["start w-2 20", "start w-3 40", "start w-4 80"]);
    assert.equal(team.told.at(-1), "start w-13 5000");
    team.up();
    team.slot(13).hasBegunTasks = true;
    team.roster.died(team.slot(13));
    team.roster.replaceDead();
    assert.equal(team.told.at(-1), "start w-14 0");
    assert.equal(team.roster.restarted, 13);
  });

  it("leave a number in line to the replacement, and replace nobody above the most", () => {
    const team = new Team({ workers: 2 });
    team.roster.startUpTo(2);
    team.up();
    team.roster.died(team.slot(1));
    team.roster.replaceDead();
    team.roster.replaceDead();
    assert.deepEqual(team.places, [["w-2", 1], ["w-3", 0]]);
  });
});

describe("Roster.startSuccessor()", () => {
  it("leaves the old worker at work, and gives the new one its number in line", () => {
    const team = new Team({ workers: 2 });
    team.roster.startUpTo(2);
    team.up();
    occupy(team.slot(2));
    team.roster.startSuccessor(team.slot(2));
    assert.deepEqual(team.places, [["w-1", 0], ["w-2", 1], ["w-3", 1]]);
    assert.equal(team.slot(3).predecessor, team.slot(2));
    assert.deepEqual([team.slot(2).status, team.roster.size], ["leaving", 2]);
    team.up();
    assert.equal(team.slot(3).open, false, "two workers would run tasks in one place");
    team.roster.remove(team.slot(2));
    assert.equal(team.slot(3).open, true);
  });

  it("has another one take the place of a successor that did not come up", () => {
    const team = new Team({ workers: 1 });
    team.roster.startUpTo(1);
    team.up();
    occupy(team.slot(1));
    team.roster.startSuccessor(team.slot(1));
    team.roster.startFailed(team.slot(2));
    team.roster.startUpTo(1);
    assert.equal(team.slot(3).predecessor, team.slot(1));
  });
});

describe("Roster", () => {
  it("stops a worker once, and kills it however often", () => {
    const team = new Team({ workers: 1 });
    team.roster.startUpTo(1);
    team.up();
    const slot = team.slot(1);
    team.roster.stop(slot);
    team.roster.stop(slot);
    team.roster.kill(slot);
    assert.deepEqual(team.told.slice(1), ["stop w-1", "kill w-1"]);
    assert.deepEqual([slot.status, team.roster.size], ["stopping", 0]);
  });

  it("can spare an idle worker above the fewest, and no other", () => {
    const team = new Team({ minWorkers: 1, workers: 3 });
    team.roster.startUpTo(3);
    const starting = team.slot(3);
    assert.equal(team.roster.canSpare(starting), false);
    team.up();
    occupy(team.slot(1));
    const spared = [1, 2, 3].map((number) => team.roster.canSpare(team.slot(number)));
    assert.deepEqual(spared, [false, true, true]);
    assert.deepEqual([team.roster.idle, team.roster.busy], [2, 1]);
    for (const number of [2, 3]) team.roster.stop(team.slot(number));
    team.slot(1).end();
    assert.equal(team.roster.canSpare(team.slot(1)), false);
  });
});
