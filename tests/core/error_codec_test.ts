import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { addCallSite, decodeError, encodeError } from "../../core/error_codec.ts";
import { WorkerLostError } from "../../errors.ts";

function canClone(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

const cross = (thrown: unknown): unknown =>
  decodeError(structuredClone(encodeError(thrown, canClone)));

function crossError(thrown: Error): Error {
  const arrived = cross(thrown);
  assert(arrived instanceof Error || Object.prototype.toString.call(arrived).includes("DOM"));
  // The assertion above has seen to it; a DOMException is close enough to an Error.
  return arrived as Error;
}

const CLASSES = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

describe("encodeError() and decodeError()", () => {
  it("keep class, name, message, stack and own properties", () => {
    const check = (kind: number, message: string, name: string, detail: string) => {
      const errorClass = CLASSES[kind] ?? Error;
      const error = Object.assign(new errorClass(message), { name, detail });
      const arrived = crossError(error);
      assert.equal(Object.getPrototypeOf(arrived), errorClass.prototype);
      assert.deepEqual(
        [arrived.name, arrived.message, arrived.stack, Reflect.get(arrived, "detail")],
        [name, message, error.stack, detail],
      );
    };
    const kind = fc.nat(CLASSES.length - 1);
    fc.assert(fc.property(kind, fc.string(), fc.string(), fc.string(), check));
  });

  it("keep the name of a class of the caller's own", () => {
    class HttpError extends TypeError {
      override readonly name = "HttpError";
    }
    const arrived = crossError(new HttpError("404"));
    assert(arrived instanceof TypeError);
    assert.equal(arrived.name, "HttpError");
  });

  it("keep the pool's own classes and their fields", () => {
    const arrived = cross(new WorkerLostError("gone", { exitCode: 3, workerName: "w-1" }));
    assert(arrived instanceof WorkerLostError);
    assert.deepEqual([arrived.exitCode, arrived.workerName], [3, "w-1"]);
  });

  it("keep causes, cycles and the parts of an AggregateError", () => {
    const inner = new RangeError("inner");
    const outer = new Error("outer", { cause: inner });
    inner.cause = outer;
    const arrived = crossError(outer);
    assert(arrived.cause instanceof RangeError);
    assert.equal(arrived.cause.cause, arrived);
    const all = cross(new AggregateError([inner, 1], "all"));
    assert(all instanceof AggregateError);
    assert(all.errors[0] instanceof RangeError);
    assert.equal(all.errors[1], 1);
  });

  it("keep a DOMException", () => {
    const arrived = crossError(new DOMException("late", "AbortError"));
    assert.deepEqual([arrived.name, arrived.message], ["AbortError", "late"]);
  });

  it("let what is no error arrive as it is", () => {
    const values = fc.oneof(fc.string(), fc.integer(), fc.constant(undefined), fc.constant(null));
    fc.assert(fc.property(values, (value) => assert.deepEqual(cross(value), value)));
  });

  it("describe what cannot be cloned, and lose nothing else", () => {
    const error = Object.assign(new Error("odd"), { run: () => 1, code: 7 });
    Object.defineProperty(error, "trap", {
      enumerable: true,
      get() {
        throw new Error("no entry");
      },
    });
    const arrived = crossError(error);
    assert.deepEqual([arrived.message, Reflect.get(arrived, "code")], ["odd", 7]);
    assert.match(String(Reflect.get(arrived, "run")), /function/);
    assert.match(String(Reflect.get(arrived, "trap")), /no entry/);
  });

  it("never throw, whatever was thrown", () => {
    const refuse = () => {
      throw new Error("refused");
    };
    const proxy = (target: object) =>
      new Proxy(target, { get: refuse, getPrototypeOf: refuse, ownKeys: refuse });
    const odd = [proxy({}), proxy(new Error("x")), () => 1, Symbol("s"), new WeakMap()];
    for (const thrown of odd) assert(cross(thrown) instanceof Error);
    const check = (thrown: unknown, key: string) => {
      cross(thrown);
      cross(Object.defineProperty(new Error("x"), key, { value: thrown, enumerable: true }));
    };
    const anything = fc.anything({ withNullPrototype: true, withBigInt: true });
    fc.assert(fc.property(anything, fc.string(), check));
  });
});

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
