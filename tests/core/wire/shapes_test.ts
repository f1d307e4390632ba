import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  hasShape,
  isCount,
  isFlag,
  isOneOf,
  isRecord,
  isText,
  listOf,
  optional,
  type Shape,
} from "../../../core/wire/shapes.ts";

const POINT: Shape<{ x: number; label: string | undefined }> = {
  x: isCount,
  label: optional(isText),
};

describe("hasShape()", () => {
  it("looks at every field, and lets pass fields that it does not know", () => {
    assert.equal(hasShape({ x: 1, label: "a" }, POINT), true);
    assert.equal(hasShape({ x: 1 }, POINT), true);
    assert.equal(hasShape({ x: 1, more: 2 }, POINT), true);
    assert.equal(hasShape({ x: "1", label: "a" }, POINT), false);
    assert.equal(hasShape({ label: "a" }, POINT), false);
    for (const value of [null, undefined, 1, "x"]) assert.equal(hasShape(value, POINT), false);
  });

  it("does not look for what was given to all objects", () => {
    const everybody: object = Object.prototype;
    Object.defineProperty(everybody, "extend", {
      value: () => false,
      enumerable: true,
      configurable: true,
    });
    let isPoint: boolean;
    try {
      isPoint = hasShape({ x: 1 }, POINT);
    } finally {
      Reflect.deleteProperty(everybody, "extend");
    }
    assert.equal(isPoint, true);
  });
});

describe("isOneOf()", () => {
  it("goes by an object's own kind, and by none that every object has", () => {
    const shapes = { circle: { radius: isCount }, point: {} };
    const values = [
      { kind: "circle", radius: 1 },
      { kind: "circle" },
      { kind: "point" },
      { kind: "constructor" },
      { kind: 1 },
      null,
    ];
    const expected = [true, false, true, false, false, false];
    assert.deepEqual(values.map((value) => isOneOf(value, shapes)), expected);
  });
});

describe("the checks", () => {
  it("isCount() knows what one can count with", () => {
    for (const value of [0, 1, 2 ** 40]) assert.equal(isCount(value), true);
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 60, "1", 1n, null]) {
      assert.equal(isCount(value), false);
    }
  });

  it("isText(), isFlag() and isRecord() know their types", () => {
    assert.deepEqual(["", null].map(isText), [true, false]);
    assert.deepEqual([false, 0].map(isFlag), [true, false]);
    assert.deepEqual([{}, [], null, () => 1].map(isRecord), [true, true, false, false]);
  });

  it("listOf() looks at every element of an array, and at nothing else", () => {
    const isTexts = listOf(isText);
    assert.deepEqual([[], ["a", "b"], ["a", 1], { 0: "a", length: 1 }].map(isTexts), [
      true,
      true,
      false,
      false,
    ]);
  });
});
