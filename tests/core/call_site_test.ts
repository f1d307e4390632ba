import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addCallSite, copyError, keepStack } from "../../core/call_site.ts";

describe("addCallSite()", () => {
  it("leaves a frozen error as it is", () => {
    const error = Object.freeze(new Error("x"));
    addCallSite(error, new Error());
    assert.equal(error.message, "x");
  });

  it("puts the call behind the error's own stack", () => {
    const error = new Error("x");
    const own = error.stack ?? "";
    const callSite = new Error();
    addCallSite(error, callSite);
    assert(error.stack?.startsWith(own));
    assert(error.stack?.endsWith(callSite.stack?.split("\n").slice(1).join("\n") ?? "?"));
  });
});

describe("keepStack()", () => {
  it("keeps a stack as it is", () => {
    const error = new Error("x");
    const { stack } = error;
    keepStack(error);
    addCallSite(error, new Error());
    assert.equal(error.stack, stack);
  });
});

describe("copyError()", () => {
  it("gives an error that can tell of another call", () => {
    const error = Object.assign(new RangeError("x"), { constructor: "none", code: 7 });
    const copy = copyError(error);
    assert(copy instanceof RangeError && copy !== error);
    assert.deepEqual([copy.message, copy.stack, Reflect.get(copy, "code")], [
      "x",
      error.stack,
      7,
    ]);
    addCallSite(copy, new Error());
    assert.notEqual(copy.stack, error.stack);
  });

  it("gives what is no error as it is", () => {
    assert.equal(copyError("x"), "x");
  });
});
