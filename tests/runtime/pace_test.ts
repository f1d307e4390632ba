import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pace } from "../../runtime/channel.ts";

/** An event loop whose turns and time the test makes. */
class Loop {
  now = 0;
  readonly pace = new Pace(() => this.now, (callback) => this.#next.push(callback));
  #next: (() => void)[] = [];

  /** How many callbacks wait for the next turn. */
  get due(): number {
    return this.#next.length;
  }

  /** Works for some time, in ms; tells whether that was all that the turn has. */
  work(ms: number): boolean {
    this.now += ms;
    return this.pace.isSpent();
  }

  turn(): void {
    for (const callback of this.#next.splice(0)) callback();
  }
}

describe("Pace", () => {
  it("lets those who share it work some milliseconds a turn, all together", () => {
    const loop = new Loop();
    assert.deepEqual([loop.work(9), loop.work(1), loop.work(2), loop.work(1)], [
      false,
      false,
      false,
      true,
    ]);
    assert.equal(loop.work(0), true);
    loop.turn();
    assert.equal(loop.work(0), false);
  });

  it("does not count what others do before the first piece of a turn", () => {
    const loop = new Loop();
    loop.work(0);
    loop.turn();
    assert.deepEqual([loop.work(100), loop.work(3), loop.work(1)], [false, false, true]);
  });

  it("lets one of those who wait go on each turn, the first first", () => {
    const loop = new Loop();
    const went: string[] = [];
    loop.pace.wait(() => {
      went.push("a");
      loop.pace.wait(() => went.push("a again"));
    });
    loop.pace.wait(() => went.push("b"));
    assert.deepEqual(went, []);
    for (const expected of [["a"], ["a", "b"], ["a", "b", "a again"]]) {
      loop.turn();
      assert.deepEqual(went, expected);
    }
  });

  it("gives the next one its turn, whatever becomes of the one before", () => {
    const loop = new Loop();
    let hasGone = false;
    loop.pace.wait(() => {
      throw new RangeError("of the first");
    });
    loop.pace.wait(() => hasGone = true);
    assert.throws(() => loop.turn(), RangeError);
    loop.turn();
    assert.equal(hasGone, true);
  });

  it("wants no turns when nothing works", () => {
    const loop = new Loop();
    loop.work(1);
    assert.equal(loop.due, 1);
    loop.pace.wait(() => {});
    for (let turn = 0; turn < 3; turn++) loop.turn();
    assert.equal(loop.due, 0);
  });
});
