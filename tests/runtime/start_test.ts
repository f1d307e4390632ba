import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { embed, embeddedText } from "../../runtime/embedded.ts";
import { remedyFor } from "../../runtime/remedy.ts";
import { isForeign, NoStartError, startWorker, type WorkerSource } from "../../runtime/start.ts";
import { Turns } from "../../runtime/turns.ts";
import { runtime } from "../fixtures/runtime.ts";
import { withProperty } from "../fixtures/with_property.ts";

const own: WorkerSource = {
  start: (name) => startWorker("", name),
  isServed: false,
  file: new URL("https://a.test/worker.js"),
};
const served: WorkerSource = { ...own, isServed: true, file: undefined };

describe("remedyFor()", () => {
  it("remedyFor() gives up at once what no other start would be spared", () => {
    const causes = [
      new NoStartError("Cannot start a worker as there is no Worker here"),
      new DOMException("cannot be accessed", "SecurityError"),
      new Error('Requires read access to "/a.ts", run again with the --allow-read flag'),
      new Error("Access to this API has been restricted. Use --allow-worker"),
      new Error("The Worker method is not implemented"),
      new ReferenceError("Worker is not defined"),
      new Error("Can't escalate parent thread permissions"),
    ];
    for (const cause of causes) {
      assert.equal(remedyFor(cause, own)?.isFinal, true, String(cause));
      assert.equal(remedyFor(cause, served)?.isFinal, true, String(cause));
    }
  });

  it("remedyFor() names the pool's own file, and the option 'worker', for all else", () => {
    for (const cause of [new Error("the worker did not load"), new RangeError("no threads"), 7]) {
      const { isFinal, advice = "" } = remedyFor(cause, own) ?? {};
      assert.equal(isFinal, false);
      assert.match(advice, /https:\/\/a\.test\/worker\.js.*'worker'/);
    }
  });

  it("remedyFor() names the page's policy for a worker that is made of text", () => {
    const embedded: WorkerSource = { ...own, file: undefined };
    const { advice = "" } = remedyFor(new Error("the worker did not load"), embedded) ?? {};
    assert.match(advice, /worker-src blob:/);
    assert.equal(remedyFor(new RangeError("no threads"), embedded), undefined);
  });

  it("remedyFor() has no advice for what a caller's factory throws", () => {
    assert.equal(remedyFor(new RangeError("no threads"), served), undefined);
    assert.match(remedyFor(new Error("the worker did not load"), served)?.advice ?? "", /'worker'/);
  });
});

describe("isForeign()", () => {
  it("isForeign() is true for another origin than the page's, and only in a page", {
    skip: runtime === "browser" && "a page cannot say that it is of another origin",
  }, () => {
    const url = new URL("https://cdn.test/worker.js");
    const at = (origin: string) =>
      withProperty(globalThis, "location", { origin }, () => isForeign(url));
    assert.equal(isForeign(url), false);
    assert.equal(at("https://cdn.test"), false);
    assert.equal(at("https://a.test"), runtime !== "deno");
    const file = new URL("file:///worker.js");
    assert.equal(
      withProperty(globalThis, "location", { origin: "https://a.test" }, () => isForeign(file)),
      false,
    );
  });
});

describe("embed()", () => {
  it("embed() keeps a text that embeddedText() finds again, and is no factory itself", () => {
    const value = embed("text");
    assert.equal(embeddedText(value), "text");
    assert.equal(embeddedText(() => {}), undefined);
    assert.equal(embeddedText(undefined), undefined);
    assert.throws(value, TypeError);
  });
});

describe("Turns", () => {
  it("wait() calls back in order, each time in a turn of its own", async () => {
    const turns = new Turns();
    const heard: (number | string)[] = [];
    await new Promise<void>((resolve) => {
      for (const n of [1, 2, 3]) {
        turns.wait(() => {
          heard.push(n);
          Promise.resolve().then(() => heard.push(`after ${n}`));
          if (n === 1) turns.wait(resolve);
        });
      }
      heard.push("now");
    });
    assert.deepEqual(heard, ["now", 1, "after 1", 2, "after 2", 3, "after 3"]);
  });
});
