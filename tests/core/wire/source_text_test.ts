import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canBeSent, compile, condense, sourceOf } from "../../../core/wire/source_text.ts";

describe("compile()", () => {
  it("lets an arrow call itself by the name that it has", () => {
    const fib = (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2);
    assert.equal(compile(sourceOf(fib), "fib")(10), 55);
  });

  it("leaves the name of a global to the global", () => {
    assert.equal(compile("(text) => parseInt(text, 2)", "parseInt")("101"), 5);
  });

  it("does without a name that is none in code", () => {
    for (
      const name of ["", "default", "bound f", "get f", "[tag]", "a, b = evil()", "__name", "a-b"]
    ) {
      assert.equal(compile("(n) => n + 1", name)(1), 2, name);
    }
  });

  it("makes strict code, in which what tools put around functions does nothing", () => {
    const source = `(n) => { const twice = __name((m) => m * 2, "twice"); return twice(n) }`;
    assert.equal(compile(source, "f")(4), 8);
    assert.throws(() => compile("() => { undeclared = 1 }", "f")(), ReferenceError);
  });

  it("throws where the text is not that of a function", () => {
    assert.throws(() => compile("(", ""), SyntaxError);
  });
});

describe("sourceOf()", () => {
  const methods = {
    method: () => 1,
    ...{
      shorthand() {
        return 1;
      },
    },
  };

  it("gives what can be compiled again", () => {
    for (const fn of [methods.method, async () => await 1, function* () {}, function f() {}]) {
      assert.equal(sourceOf(fn), fn.toString());
    }
  });

  it("refuses what cannot, and says what would do", () => {
    for (const fn of [Math.max, methods.method.bind(null)]) {
      assert.throws(() => sourceOf(fn), /no source text, write an arrow around it/);
    }
    for (const fn of [methods.shorthand, class Task {}]) {
      assert.throws(() => sourceOf(fn), /not a function expression, write an arrow around it/);
    }
  });

  it("says of import.meta that there is none in source text", () => {
    assert.throws(() => sourceOf(() => import.meta.url), {
      name: "TypeError",
      message: /no import\.meta.*as an argument, or export the function/,
    });
  });
});

describe("canBeSent()", () => {
  it("tells functions and arrows from methods, classes and native code by their looks", () => {
    for (
      const text of ["(a) => a", "a => a", "async a => a", "async (a) => a", "function f() {}"]
    ) {
      assert.equal(canBeSent(text), true, text);
    }
    for (const text of ["run(a) {}", "async run() {}", "*run() {}", "class A {}", "get a() {}"]) {
      assert.equal(canBeSent(text), false, text);
    }
    assert.equal(canBeSent("function sqrt() { [native code] }"), false);
  });
});

describe("condense()", () => {
  it("leaves out white space of every kind", () => {
    assert.equal(condense("(n) =>\n\tn\u00a0+ 1"), "(n)=>n+1");
  });
});
