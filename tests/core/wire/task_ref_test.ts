import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromModule, inline, referenceIn, taskRefOf } from "../../../core/wire/task_ref.ts";

function double(n: number): number {
  return n * 2;
}

describe("taskRefOf()", () => {
  it("names a function by its module, its worker, or its source", () => {
    const { url } = { url: "file:///tasks.ts" };
    const source = double.toString();
    const passed = { length: 1, text: undefined, canBeSent: true };
    assert.deepEqual(taskRefOf(double, { url }), { kind: "module", url, name: "double", passed });
    assert.deepEqual(taskRefOf(double, "served"), { kind: "served", name: "double", passed });
    assert.deepEqual(taskRefOf(double, undefined), { kind: "source", source, name: "double" });
    assert.deepEqual(taskRefOf(inline(double), { url }), {
      kind: "source",
      source,
      name: "double",
    });
  });

  it("refuses what cannot be made again from its source", () => {
    const methods = {
      method() {
        return 1;
      },
    };
    const refused = [Math.max, double.bind(null), methods.method, class Task {}];
    for (const fn of refused) assert.throws(() => taskRefOf(fn, undefined), TypeError);
    for (const value of [undefined, null, 1, "double", {}]) {
      assert.throws(() => taskRefOf(value, undefined), TypeError);
    }
  });
});

describe("fromModule()", () => {
  it("gives a reference for each name, but none that makes it a promise", () => {
    const module = fromModule<{ double: typeof double }>("file:///tasks.ts");
    const expected = { kind: "module", url: "file:///tasks.ts", name: "double", passed: undefined };
    assert.deepEqual(referenceIn(module.double), expected);
    assert.equal(Reflect.get(module, "then"), undefined);
    assert.equal(Reflect.get(module, Symbol.iterator), undefined);
    assert.throws(() => fromModule("./tasks.ts"), TypeError);
  });
});
