import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isRefable, listen } from "../../runtime/port.ts";
import { runtime } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";

describe("listen()", () => {
  it("hears what comes through a port, in order, as a copy", async () => {
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    listen(port1, (data) => heard.push(data), () => heard.push("unreadable"));
    const sent = { numbers: [1, 2] };
    port2.postMessage("first");
    port2.postMessage(sent);
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ["first", sent]);
    assert.notEqual(heard[1], sent);
    port1.close();
    port2.close();
  });

  it("takes what Chromium gives for a message that it cannot read, null, for such a one", {
    skip: runtime === "node" && "its own events tell",
  }, async () => {
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    listen(port1, (data) => heard.push(data), () => heard.push("unreadable"));
    port2.postMessage(null);
    port2.postMessage("next");
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ["unreadable", "next"]);
    port1.close();
    port2.close();
  });

  it("can hold messages back on Node alone, and hands them over later", async () => {
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    const flow = listen(port1, (data) => heard.push(data), () => {});
    assert.equal(flow !== undefined, runtime === "node");
    flow?.stop();
    port2.postMessage("held back");
    await new Promise((wake) => setTimeout(wake, 20));
    assert.deepEqual(heard, flow === undefined ? ["held back"] : []);
    flow?.start();
    await until(() => heard.length === 1);
    assert.deepEqual(heard, ["held back"]);
    port1.close();
    port2.close();
  });
});

describe("isRefable()", () => {
  it("tells what can let the process end from everything else", () => {
    assert.equal(isRefable({ ref() {}, unref() {} }), true);
    for (const value of [undefined, null, 1, "unref", {}]) assert.equal(isRefable(value), false);
  });
});
