import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Inlet, Pace } from "../../runtime/channel.ts";

const report = (value: unknown) => ({ kind: "report", chunk: 0, position: 0, value });

/** An inlet whose turns have time for two messages, and of which the test sees everything. */
class Gully {
  readonly handled: unknown[] = [];
  readonly flow: string[] = [];
  readonly inlet: Inlet;
  #now = 0;
  #next: (() => void)[] = [];

  constructor(hasFlow: boolean) {
    const pace = new Pace(() => this.#now, (callback) => this.#next.push(callback));
    const flow = { stop: () => this.flow.push("stop"), start: () => this.flow.push("start") };
    this.inlet = new Inlet(pace, (message) => this.handle(message), hasFlow ? flow : undefined);
  }

  handle(message: unknown): void {
    this.#now += 4;
    this.handled.push(message);
  }

  take(...messages: unknown[]): void {
    for (const message of messages) this.inlet.take(message);
  }

  turn(): void {
    for (const callback of this.#next.splice(0)) callback();
  }
}

describe("Inlet", () => {
  it("handles what comes at once, and keeps what a turn has no time for", () => {
    const gully = new Gully(false);
    const messages = [1, 2, 3, 4, 5].map(report);
    gully.take(...messages);
    assert.deepEqual(gully.handled, messages.slice(0, 2));
    assert.equal(gully.inlet.isBehind, true);
    gully.turn();
    assert.deepEqual(gully.handled, messages.slice(0, 4));
    gully.turn();
    assert.deepEqual(gully.handled, messages);
    assert.equal(gully.inlet.isBehind, false);
  });

  it("keeps the order, whatever comes behind a report that waits", () => {
    const gully = new Gully(false);
    const messages = [report(1), report(2), report(3), undefined, { kind: "results" }, Symbol("?")];
    gully.take(...messages);
    gully.turn();
    gully.take("late");
    for (let turn = 0; turn < 5; turn++) gully.turn();
    assert.deepEqual(gully.handled, [...messages, "late"]);
  });

  it("lets nothing but reports wait of itself", () => {
    const gully = new Gully(true);
    const messages = Array.from({ length: 10 }, (_, from) => ({ kind: "results", from }));
    gully.take(...messages);
    assert.deepEqual(gully.handled, messages);
    assert.deepEqual(gully.flow, []);
  });

  it("stops the flow while it is behind, where it can", () => {
    const gully = new Gully(true);
    gully.take(report(1), report(2));
    assert.deepEqual(gully.flow, ["stop"]);
    assert.equal(gully.inlet.isBehind, true);
    gully.turn();
    assert.deepEqual(gully.flow, ["stop", "start"]);
    assert.equal(gully.inlet.isBehind, false);
  });

  it("handles nothing once it is closed, and opens no flow", () => {
    const gully = new Gully(true);
    gully.take(report(1), report(2), report(3));
    gully.inlet.close();
    gully.turn();
    assert.equal(gully.handled.length, 2);
    assert.deepEqual(gully.flow, ["stop"]);
    assert.equal(gully.inlet.isBehind, false);
  });

  it("goes on behind a message that its handler threw at", () => {
    const gully = new Gully(false);
    const messages = [1, 2, 3, 4].map(report);
    gully.take(...messages);
    gully.handle = () => {
      throw new RangeError("of the handler");
    };
    assert.throws(() => gully.turn(), RangeError);
    gully.handle = Gully.prototype.handle;
    gully.turn();
    assert.deepEqual(gully.handled, [messages[0], messages[1], messages[3]]);
    assert.equal(gully.inlet.isBehind, false);
  });
});
