import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { now, startTime } from "../../runtime/platform.ts";
import { runtime } from "../fixtures/runtime.ts";

/** Runs code with something else in the place of the global `performance`. */
function withFake<R>(code: () => R): R {
  const own = Object.getOwnPropertyDescriptor(globalThis, "performance");
  const value = { now: () => 0, timeOrigin: 0 };
  Object.defineProperty(globalThis, "performance", { value, configurable: true });
  try {
    return code();
  } finally {
    if (own !== undefined) Object.defineProperty(globalThis, "performance", own);
  }
}

describe("The platform's own clock", () => {
  it("goes on, whatever stands in the place of the global one", () => {
    const before = now();
    assert.ok(withFake(now) >= before && before > 0);
  });

  const skip = runtime !== "node" && "only Node is asked when the thread began";

  it(
    "knows when the thread began, whatever stands in the place of the global one",
    { skip },
    () => {
      const began = startTime();
      assert.equal(withFake(startTime), began);
      assert.ok(began > 1e12 && began <= Date.now(), String(began));
    },
  );
});
