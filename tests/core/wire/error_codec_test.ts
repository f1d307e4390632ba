import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeError, encodeError } from "../../../core/wire/error_codec.ts";
import { WorkerLostError } from "../../../errors.ts";

const cross = (thrown: unknown): unknown => decodeError(structuredClone(encodeError(thrown)));

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

  it("keep errors that lie in arrays and plain objects", () => {
    const cause = new RangeError("deep");
    const outcomes = [{ status: "rejected", reason: new TypeError("one", { cause }) }, "two"];
    outcomes.length = 4;
    const error: Error & { outcomes?: unknown } = new Error("some failed", { cause });
    const arrived = crossError(Object.assign(error, { outcomes: { all: outcomes, error } }));
    const { outcomes: { all, error: itself } } = Object(arrived);
    const [first, second] = all;
    assert(first.reason instanceof TypeError && first.reason.cause instanceof RangeError);
    assert.equal(first.reason.cause, arrived.cause);
    assert.deepEqual([first.status, second, all.length, 2 in all], ["rejected", "two", 4, false]);
    assert.equal(itself, arrived);
  });

  it("keep what was thrown and is no error, but holds one", () => {
    const arrived = cross({ failures: [new TypeError("first")], at: new Date(0) });
    const { failures: [failure], at } = Object(arrived);
    assert(failure instanceof TypeError);
    assert.deepEqual(at, new Date(0));
  });

  it("keep a chain of causes of any length", () => {
    let error = new Error("0");
    for (let depth = 1; depth < 20_000; depth++) error = new Error(`${depth}`, { cause: error });
    let depth = 19_999;
    for (let at = cross(error); at instanceof Error; at = at.cause) {
      assert.equal(at.message, String(depth--));
    }
    assert.equal(depth, -1);
  });

  it("read each property once: what a getter gives the second time does not matter", () => {
    const flaky = (error: Error) =>
      Object.defineProperty(error, "reads", {
        enumerable: true,
        get: ((reads) => () => ++reads > 1 ? () => {} : { reads })(0),
      });
    assert.deepEqual(Reflect.get(crossError(flaky(new Error("x"))), "reads"), { reads: 1 });
  });

  it("describe a name or message that cannot be read, and lose nothing else", () => {
    class Hostile extends RangeError {
      override get name(): string {
        throw new Error("no name for you");
      }
    }
    const arrived = crossError(Object.assign(new Hostile("kept"), { code: 1 }));
    assert(arrived instanceof RangeError);
    assert.match(arrived.name, /no name for you/);
    assert.deepEqual([arrived.message, Reflect.get(arrived, "code")], ["kept", 1]);
  });

  it("leave nothing on an error that it did not have, such as where it was made again", () => {
    const ownKeys = (error: Error) => Reflect.ownKeys(error).filter((key) => key !== "stack");
    const never: Error = Object.create(RangeError.prototype);
    assert.deepEqual(ownKeys(crossError(never)), []);
    const error = new RangeError("out of range");
    assert.deepEqual(ownKeys(crossError(error)).sort(), ownKeys(error).sort());
  });

  it("take no object for a DOMException that only says that it is one", () => {
    const spoof = { [Symbol.toStringTag]: "DOMException", message: "spoofed" };
    assert.equal(crossError(Object.assign(new Error(), spoof)).message, "spoofed");
    assert.deepEqual(cross(spoof), { message: "spoofed" });
  });

  it("keep shared what two properties share, even beside one that cannot be cloned", () => {
    const shared = { n: 1 };
    const arrived = Object(cross(Object.assign(new Error("x"), { a: shared, b: [shared] })));
    assert.equal(arrived.a, arrived.b[0]);
    const odd = Object(cross(Object.assign(new Error("x"), { a: shared, run: () => 1 })));
    assert.deepEqual([odd.a, odd.run], [{ n: 1 }, "[function run]"]);
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
