import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lookUp } from "../../../core/worker/task_lookup.ts";
import { taskRefOf } from "../../../core/wire/task_ref.ts";
import { TaskNotFoundError } from "../../../errors.ts";

const URL_OF_TASKS = "file:///tasks.js";

const byKey = (name: string) => ({ kind: "module", url: URL_OF_TASKS, name } as const);

/** How a function goes that a caller passes to a pool with this module. */
function passed(fn: unknown, isMain = false): Parameters<typeof lookUp>[1] {
  const ref = taskRefOf(fn, { url: URL_OF_TASKS, hasText: () => isMain });
  assert.equal(ref.kind, "module");
  return ref as Parameters<typeof lookUp>[1];
}

function logged(fn: (a: number, b: number) => number): (a: number, b: number) => number {
  return function wrapped(a, b) {
    return fn(a, b);
  };
}

const half = (n: number) => n / 2;

describe("lookUp() of a reference", () => {
  it("finds an export by its key", () => {
    assert.equal(lookUp({ half, other: logged(Math.min) }, byKey("half")), half);
  });

  it("does not take a function's own name for the key of an export", () => {
    assert.throws(() => lookUp({ other: half }, byKey("half")), TaskNotFoundError);
  });

  it("finds what a CommonJS module exports, as it is or as `exports.default`", () => {
    assert.equal(lookUp({ default: { half } }, byKey("half")), half);
    assert.equal(lookUp({ default: { default: { half } } }, byKey("half")), half);
    assert.equal(lookUp({ default: Object.assign(() => 1, { half }) }, byKey("half")), half);
    assert.equal(lookUp({ default: { default: half } }, byKey("default")), half);
  });

  it("looks no further where a module has the name itself", () => {
    const other = () => 1;
    const exports = Object.defineProperty({}, "default", { get: () => assert.fail("read") });
    assert.equal(lookUp({ half, default: { half: other } }, byKey("half")), half);
    assert.equal(lookUp(Object.assign(exports, { half }), byKey("half")), half);
  });
});

describe("lookUp() of a function that was passed", () => {
  it("finds it by its own name when it is exported by another", () => {
    assert.equal(lookUp({ default: half, other: () => 1 }, passed(half)), half);
    assert.equal(lookUp({ default: { default: half } }, passed(half)), half);
  });

  it("takes a function that is exported twice for one", () => {
    assert.equal(lookUp({ half, default: half }, passed(half)), half);
  });

  it("refuses to choose between two functions of one name", () => {
    const [add, multiply] = [logged((a, b) => a + b), logged((a, b) => a * b)];
    assert.throws(() => lookUp({ add, multiply }, passed(multiply)), {
      name: "TaskNotFoundError",
      message: /'wrapped'.*ambiguous \(add and multiply\).*fromModule\(\).*exports add, multiply$/,
    });
    const twin = { half: (n: number) => -n, other: half };
    assert.throws(() => lookUp(twin, passed(half)), /ambiguous/);
  });

  it("takes none that has another number of parameters", () => {
    const other = { half: (a: number, b: number) => a / b };
    assert.throws(() => lookUp(other, passed(half)), {
      name: "TaskNotFoundError",
      message: /is not the function that was passed, or its file has changed.*inline\(half\)/,
    });
    // Of two that have its name, that leaves the right one.
    assert.equal(lookUp({ ...other, default: half }, passed(half)), half);
  });

  it("compares texts, but for white space, in the program's main module alone", () => {
    const other = { half: (n: number) => n / 4 * 2 };
    assert.throws(() => lookUp(other, passed(half, true)), /not the function that was passed/);
    assert.equal(lookUp(other, passed(half)), other.half);
    const code = new Function("return (n)  =>\n n /\t2")();
    Object.defineProperty(code, "name", { value: "half" });
    assert.equal(lookUp({ code }, passed(half, true)), code);
  });

  it("goes by key alone in a served module, whose names may be a minifier's", () => {
    const served = { ...passed(half), kind: "served" } as const;
    assert.equal(lookUp({ half }, served), half);
    assert.throws(() => lookUp({ other: half }, served), /'half'.*fromModule\(\)/);
    assert.throws(() => lookUp({ half: () => 1 }, served), /not the function that was passed/);
  });
});

describe("lookUp() of what is not there", () => {
  it("says what is there", () => {
    const module = { one: 1, g: () => 1, H: class {} };
    assert.throws(() => lookUp(module, byKey("f")), /'f'.*inline\(f\).*it exports g, H$/);
    assert.throws(() => lookUp({ default: { g: half } }, byKey("f")), /it exports g$/);
    assert.throws(() => lookUp({}, byKey("f")), /it exports no functions$/);
  });

  it("does not advise to send a text that cannot be sent", () => {
    const methods = {
      run(n: number): number {
        return n;
      },
    };
    class Tasks {
      static run(n: number): number {
        return n;
      }
    }
    for (const fn of [Math.sqrt, half.bind(null), methods.run, Tasks.run, Tasks]) {
      assert.throws(() => lookUp({}, passed(fn)), (error) => {
        assert.ok(error instanceof TaskNotFoundError);
        assert.match(error.message, /export it, or write an arrow around it/);
        assert.doesNotMatch(error.message, /inline/);
        return true;
      });
    }
    const later = async (n: number) => await n;
    for (const fn of [half, later, function f() {}]) {
      assert.throws(() => lookUp({}, passed(fn)), new RegExp(`inline\\(${fn.name}\\)`));
    }
  });

  it("passes over exports that throw when they are read", () => {
    const module = {
      get broken() {
        throw new Error("not there yet");
      },
      half,
      get default() {
        throw new Error("never there");
      },
    };
    assert.equal(lookUp(module, byKey("half")), half);
    assert.throws(() => lookUp(module, byKey("f")), /it exports half$/);
  });
});
