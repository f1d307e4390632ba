import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { holdLifeLock, isConnect, isHandshake, watchLifeLock } from "../../runtime/handshake.ts";

const hasLocks = "locks" in navigator && navigator.locks !== undefined;

describe("isHandshake() and isConnect()", () => {
  it("tell the messages of the handshake from others", () => {
    for (const data of [{ polypool: "serving" }, { polypool: "connect" }]) {
      assert.equal(isHandshake(data), true);
    }
    for (const data of [null, undefined, 7, "serving", { polypool: 7 }, { kind: "ready" }]) {
      assert.deepEqual([isHandshake(data), isConnect(data)], [false, false]);
    }
  });

  it("take a port for the first word, and nothing else", () => {
    const { port1, port2 } = new MessageChannel();
    try {
      assert.equal(isConnect({ polypool: "connect", port: port1, lock: "" }), true);
      for (const port of [undefined, {}, { postMessage() {} }]) {
        assert.equal(isConnect({ polypool: "connect", port, lock: "" }), false);
      }
      assert.equal(isConnect({ polypool: "serving", port: port1, lock: "" }), false);
    } finally {
      port1.close();
      port2.close();
    }
  });
});

describe("holdLifeLock() and watchLifeLock()", () => {
  it("tell of no end while the lock is held", async () => {
    const name = `polypool test ${Math.random()}`;
    const heard: string[] = [];
    await holdLifeLock(name, () => heard.push("held"));
    watchLifeLock(name, () => heard.push("ended"));
    await new Promise((wake) => setTimeout(wake, 50));
    assert.deepEqual(heard, hasLocks ? ["held"] : []);
  });

  it("tell of the end where no worker holds the lock", { skip: !hasLocks }, async () => {
    await new Promise<void>((resolve) => watchLifeLock(`polypool test ${Math.random()}`, resolve));
  });
});
