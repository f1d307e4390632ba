import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtime } from "../fixtures/runtime.ts";
import { runScript } from "./run_script.ts";

/** How many of what the program forgets must be collected: Bun may hold the last by its stack. */
const ENOUGH = runtime === "bun" ? 5 : 6;

/** A program that does not end by itself is ended after this time, in ms. */
const KILL_AFTER = 60_000;

/** What became of what a program forgot. */
interface Fate {
  readonly ended: number;
  readonly closed: number;
  readonly values: readonly unknown[];
}

const run = <T = Fate>(name: string) => runScript<T>("forgotten_script.ts", [name], KILL_AFTER);

describe("A pool that nobody holds", () => {
  for (const name of ["idle", "idleByDefault"]) {
    it(`A pool that nobody holds ends its workers (${name})`, async () => {
      const { ended } = await run(name);
      assert.ok(ended >= ENOUGH, `${ended} ended`);
    });
  }

  it("A pool that nobody holds lets the process end when it was never used", async () => {
    await run("unused");
  });

  it("A pool that nobody holds ends its workers though its AsyncResults are kept", async () => {
    const { ended } = await run("keptResults");
    assert.ok(ended >= ENOUGH, `${ended} ended`);
  });

  it("A pool that nobody holds ends its workers though its iterators are kept", async () => {
    const { ended, values } = await run("keptIterators");
    assert.ok(ended >= ENOUGH, `${ended} ended`);
    assert.deepEqual(values, Array(6).fill(4));
  });

  for (const name of ["settles", "settlesInline"]) {
    it(`A pool that nobody holds settles what was submitted (${name})`, async () => {
      assert.deepEqual(await run(name), {
        values: [1, 4, [9, 16], [25, 36], 8, [64]],
        reason: "enough",
        log: [4, [25, 36]],
      });
    });
  }

  it("A pool that nobody holds is kept by whoever waits for ready()", async () => {
    assert.equal(await run("ready"), "ready");
  });
});

describe("A ResultIterator that nobody holds", () => {
  for (const name of ["halfRead", "neverRead", "brokenOff", "ownReader"]) {
    it(`A ResultIterator that nobody holds is returned, and its pool ends (${name})`, async () => {
      const { ended, closed } = await run(name);
      assert.ok(ended >= ENOUGH, `${ended} ended`);
      assert.ok(closed >= ENOUGH, `${closed} inputs were closed`);
    });
  }

  it("A ResultIterator that nobody holds is returned with workers: 0", async () => {
    const { closed } = await run("returnInline");
    assert.ok(closed >= ENOUGH, `${closed} inputs were closed`);
  });

  for (const name of ["next", "nextWithTimeout", "nextInline"]) {
    it(`A ResultIterator that nobody holds is kept by a pending next() (${name})`, async () => {
      const { value } = await run<{ value: unknown }>(name);
      assert.equal(value, 7);
    });
  }

  for (const name of ["loop", "loopInline"]) {
    it(`A ResultIterator that nobody holds is kept by a for await (${name})`, async () => {
      assert.equal(await run(name), 30);
    });
  }
});

describe("A pool that is held", () => {
  it("A pool that is held lives, and its iterators with it, however often is collected", async () => {
    assert.deepEqual(await run("held"), ["running", 0, 16, 9]);
  });
});
