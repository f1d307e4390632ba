import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isCount,
  isFlag,
  isRecord,
  isText,
  listOf,
  oneOf,
  optional,
  shaped,
} from "../../../core/wire/shapes.ts";

const POINT = { x: isCount, label: optional(isText) };

describe("shaped()", () => {
  it("looks at every field, and lets pass fields that it does not know", () => {
    const isPoint = shaped(POINT);
    assert.equal(isPoint({ x: 1, label: "a" }), true);
    assert.equal(isPoint({ x: 1 }), true);
    assert.equal(isPoint({ x: 1, more: 2 }), true);
    assert.equal(isPoint({ x: "1", label: "a" }), false);
    assert.equal(isPoint({ label: "a" }), false);
    for (const value of [null, undefined, 1, "x"]) assert.equal(isPoint(value), false);
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
      isPoint = shaped(POINT)({ x: 1 });
    } finally {
      Reflect.deleteProperty(everybody, "extend");
    }
    assert.equal(isPoint, true);
  });
});

describe("oneOf()", () => {
  it("goes by an object's own kind, and by none that every object has", () => {
    type Figure = { kind: "circle"; radius: number } | { kind: "point" };
    const isFigure = oneOf<Figure>({ circle: { radius: isCount }, point: {} });
    const values = [
      { kind: "circle", radius: 1 },
      { kind: "circle" },
      { kind: "point" },
      { kind: "constructor" },
      { kind: 1 },
      null,
    ];
    const expected = [true, false, true, false, false, false];
    assert.deepEqual(values.map((value) => isFigure(value)), expected);
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
