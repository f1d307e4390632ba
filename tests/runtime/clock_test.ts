import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Timer } from "../../core/ports.ts";
import { TimeoutError } from "../../errors.ts";
import { Clock, Deadline, withTimeout } from "../../runtime/clock.ts";
import { nextTurn } from "../../runtime/platform.ts";

const pause = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

/** Computes on this thread, whose timers are late then. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Starts a clock, and resolves with the ms that it took. */
function ringOf(clock: Timer, ms: number): Promise<number> {
  const start = performance.now();
  return new Promise((resolve) => clock.start(ms, () => resolve(performance.now() - start)));
}

describe("Clock", () => {
  it("calls back once the wait is over, and is not running then", async () => {
    const clock = new Clock();
    const ring = ringOf(clock, 30);
    assert.equal(clock.isRunning, true);
    assert.ok(await ring >= 25);
    assert.equal(clock.isRunning, false);
  });

  it("forgets a wait that is stopped, or followed by another", async () => {
    const clock = new Clock();
    const heard: string[] = [];
    clock.start(10, () => heard.push("stopped"));
    clock.stop();
    clock.start(10, () => heard.push("first"));
    clock.start(20, () => heard.push("second"));
    await pause(100);
    assert.deepEqual(heard, ["second"]);
  });

  it("waits longer than the platform's timers can, and for ever", async () => {
    const heard: number[] = [];
    const clocks = [2 ** 31, 1e12, Infinity].map((ms) => {
      const clock = new Clock();
      clock.start(ms, () => heard.push(ms));
      return clock;
    });
    await pause(50);
    assert.deepEqual(heard, []);
    assert.deepEqual(clocks.map(({ isRunning }) => isRunning), [true, true, false]);
    for (const clock of clocks) clock.stop();
  });
});

describe("Deadline", () => {
  it("hears on while messages come, for some fifty turns at most", async () => {
    let heard = 0;
    const deadline = new Deadline(() => heard);
    let turns = 0;
    let isOver = false;
    const hear = () => {
      heard++;
      turns++;
      if (!isOver && turns < 1000) nextTurn(hear);
    };
    const ring = ringOf(deadline, 20);
    hear();
    await ring;
    isOver = true;
    assert.ok(turns < 1000, "it hears without end");
  });

  it("is stopped by what has arrived before it was over, though timers come first", async () => {
    const { port1, port2 } = new MessageChannel();
    const deadline = new Deadline(() => 0);
    let rang = false;
    const arrived = new Promise<void>((resolve) => {
      port2.onmessage = () => {
        deadline.stop();
        resolve();
      };
    });
    deadline.start(20, () => rang = true);
    port1.postMessage("done");
    block(40);
    await arrived;
    await pause(100);
    port1.close();
    port2.close();
    assert.equal(rang, false);
  });

  it("goes on for as long as it was held up, but no longer than its whole time", async () => {
    for (const [ms, held, least] of [[300, 450, 550], [150, 900, 1000]] as const) {
      const ring = ringOf(new Deadline(() => 0), ms);
      block(held);
      const took = await ring;
      assert.ok(took >= least, `${took} ms for ${ms}, held up to ${held}`);
      assert.ok(took < held + ms + 5_000, `${took} ms for ${ms}, held up to ${held}`);
    }
  });
});

describe("withTimeout()", () => {
  it("gives what the promise gives, if it does so in time", async () => {
    assert.equal(await withTimeout(Promise.resolve(7), 1000, "wait"), 7);
    const odd = new RangeError("odd");
    await assert.rejects(withTimeout(Promise.reject(odd), 1000, "wait"), odd);
    assert.equal(await withTimeout(pause(20).then(() => 8), Infinity, "wait"), 8);
  });

  it("rejects with what could not be done and how long it waited; tells of it before", async () => {
    const heard: string[] = [];
    const promise = withTimeout(new Promise(() => {}), 30, "wait for it", () => heard.push("told"));
    await assert.rejects(promise.finally(() => heard.push("rejected")), (error) => {
      assert.ok(error instanceof TimeoutError);
      assert.match(error.message, /Cannot wait for it .*: 30 ms/);
      return true;
    });
    assert.deepEqual(heard, ["told", "rejected"]);
  });
});
