import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PoolWorker, type WorkerPlace } from "../../../core/pool/pool_worker.ts";
import { Roster } from "../../../core/pool/roster.ts";
import type { PoolLimits, ThreadListener } from "../../../core/ports.ts";
import { FakeTime } from "./fake_time.ts";
import { beginTasks, bringUp, LIMITS, NO_OWNER, type Post, SilentThread } from "./silent_thread.ts";
import { tracedJob } from "./traced_job.ts";

/** A roster whose threads note what they are told. */
class Team {
  /** What threads were told, in order: `start w-1 0`. */
  readonly told: string[] = [];
  readonly roster: Roster;

  readonly #limits: PoolLimits;
  readonly #onStart: () => void;
  readonly #posts: Post[] = [];

  /** @param onStart Called when a thread is made, as a factory of the caller's is. */
  constructor(limits: Partial<PoolLimits> = {}, onStart: () => void = () => {}) {
    this.#limits = { ...LIMITS, workers: 3, ...limits };
    this.#onStart = onStart;
    this.roster = new Roster(this.#limits, (place) => this.#newWorker(place));
  }

  #newWorker(place: WorkerPlace): PoolWorker {
    const owner = {
      ...NO_OWNER,
      started: (worker: PoolWorker) => this.roster.started(worker),
      departed: (...departure: Parameters<Roster["departed"]>) =>
        this.roster.departed(...departure),
    };
    const newThread = (name: string, listener: ThreadListener) => this.#newThread(name, listener);
    const initializer = undefined;
    const [time, modules] = [new FakeTime(), []];
    const ground = { limits: this.#limits, time, newThread, modules, initializer };
    const worker = new PoolWorker(place, owner, ground);
    const start = worker.start.bind(worker);
    worker.start = (delay) => {
      this.told.push(`start ${worker.name} ${delay}`);
      start(delay);
    };
    return worker;
  }

  #newThread(name: string, listener: ThreadListener): SilentThread {
    assert(listener instanceof PoolWorker);
    this.#onStart();
    const thread = new SilentThread(listener);
    thread.stop = () => void this.told.push(`stop ${name}`);
    thread.kill = () => void this.told.push(`kill ${name}`);
    this.#posts.push({ worker: listener, thread });
    return thread;
  }

  /** The worker of that number, and its thread. */
  post(number: number): Post {
    const post = this.#posts[number - 1];
    assert(post, `there is no worker ${number}`);
    return post;
  }

  worker(number: number): PoolWorker {
    return this.post(number).worker;
  }

  /** A thread ends, asked or not. */
  end(number: number): void {
    this.post(number).thread.listener.ended(undefined);
  }

  /** Has all workers that are starting come up. */
  up(): void {
    for (const post of this.#posts) {
      if (post.worker.state !== "starting") continue;
      // The delay of its start is over.
      if (!post.thread.told.includes("start")) post.thread.timers.at(-1)?.ring();
      bringUp(post);
    }
  }

  /** Names and numbers in line of the workers that there are. */
  get places(): [name: string, index: number][] {
    return [...this.roster.workers].map(({ name, index }) => [name, index]);
  }
}

/** Has a worker begin a task, so that it is not idle. */
function occupy(post: Post): void {
  const chunk = tracedJob(["a"]).job.take(1);
  assert(chunk);
  post.worker.backlog.add(chunk);
  beginTasks(post, chunk);
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

describe("Roster.departed()", () => {
  it("has the next start wait, each time twice as long, until one is up", () => {
    const team = new Team({ workers: 1 });
    for (let number = 1; number <= 4; number++) {
      team.roster.startUpTo(1);
      team.end(number);
    }
    assert.deepEqual(team.told, ["start w-1 0", "start w-2 20", "start w-3 40", "start w-4 80"]);
    team.roster.startUpTo(1);
    team.up();
    team.worker(5).stop();
    team.end(5);
    team.roster.startUpTo(1);
    assert.deepEqual(team.told.slice(4), ["start w-5 160", "stop w-5", "start w-6 0"]);
  });

  it("gives up hope after five failed starts in a row", () => {
    const team = new Team({ workers: 1 });
    const hopes: boolean[] = [];
    for (let number = 1; number <= 5; number++) {
      team.roster.startUpTo(1);
      team.end(number);
      hopes.push(team.roster.hopeless);
    }
    assert.deepEqual(hopes, [false, false, false, false, true]);
  });

  it("does not have workers replaced as fast as they die without a task, but no longer than 5 s", () => {
    const team = new Team({ workers: 1 });
    team.roster.startUpTo(1);
    for (let number = 1; number <= 12; number++) {
      team.up();
      team.end(number);
      team.roster.replaceDead();
    }
    assert.deepEqual(team.told.slice(1, 4), ["start w-2 20", "start w-3 40", "start w-4 80"]);
    assert.equal(team.told.at(-1), "start w-13 5000");
    team.up();
    occupy(team.post(13));
    team.end(13);
    team.roster.replaceDead();
    assert.equal(team.told.at(-1), "start w-14 0");
    assert.equal(team.roster.restarted, 13);
  });

  it("leaves a number in line to the replacement, and starts none above the most", () => {
    const team = new Team({ workers: 2 });
    team.roster.startUpTo(2);
    team.up();
    team.end(1);
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
    occupy(team.post(2));
    team.roster.startSuccessor(team.worker(2));
    assert.deepEqual(team.places, [["w-1", 0], ["w-2", 1], ["w-3", 1]]);
    assert.equal(team.worker(3).predecessor, team.worker(2));
    assert.deepEqual([team.worker(2).state, team.roster.size], ["leaving", 2]);
    team.up();
    assert.equal(team.worker(3).isOpen, false, "two workers would run tasks in one place");
    team.end(2);
    assert.equal(team.worker(3).isOpen, true);
  });

  it("has another one take the place of a successor that did not come up", () => {
    const team = new Team({ workers: 1 });
    team.roster.startUpTo(1);
    team.up();
    occupy(team.post(1));
    team.roster.startSuccessor(team.worker(1));
    team.end(2);
    team.roster.startUpTo(1);
    assert.equal(team.worker(3).predecessor, team.worker(1));
  });
});

describe("Roster", () => {
  it("stops a worker once, and kills it however often", () => {
    const team = new Team({ workers: 1 });
    team.roster.startUpTo(1);
    team.up();
    const worker = team.worker(1);
    worker.stop();
    worker.stop();
    worker.kill();
    assert.deepEqual(team.told.slice(1), ["stop w-1", "kill w-1"]);
    assert.deepEqual([worker.state, team.roster.size], ["stopping", 0]);
  });

  it("can spare an idle worker above the fewest, and no other", () => {
    const team = new Team({ minWorkers: 1, workers: 3 });
    team.roster.startUpTo(3);
    const starting = team.worker(3);
    assert.equal(team.roster.canSpare(starting), false);
    team.up();
    occupy(team.post(1));
    const spared = [1, 2, 3].map((number) => team.roster.canSpare(team.worker(number)));
    assert.deepEqual(spared, [false, true, true]);
    assert.deepEqual([team.roster.idle, team.roster.busy], [2, 1]);
    for (const number of [2, 3]) team.worker(number).stop();
    team.worker(1).backlog.end();
    assert.equal(team.roster.canSpare(team.worker(1)), false);
  });
});
