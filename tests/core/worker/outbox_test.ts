import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeError } from "../../../core/wire/error_codec.ts";
import { Gathered } from "../../../core/wire/gathered.ts";
import { Outbox, type TaskThread } from "../../../core/worker/outbox.ts";
import type { ResultsMessage, WireChunk } from "../../../core/wire/protocol.ts";
import { move } from "../../../core/worker/task_context.ts";
import { SerializationError } from "../../../errors.ts";

/** An outbox on a thread whose clock and messages the test has in hand. */
class Mail {
  readonly sent: ResultsMessage[] = [];
  readonly outbox: Outbox;
  now = 0;
  looks = 0;
  /** How far the clock goes on between two looks. */
  pace = 0;

  constructor() {
    const thread: TaskThread = {
      post: (message, transfer) => {
        const arrived = structuredClone(message, { transfer: [...transfer] });
        if (arrived.kind === "results") this.sent.push(arrived);
      },
      now: () => {
        this.looks++;
        return this.now += this.pace;
      },
      stop: () => {},
    };
    const chunk: WireChunk = {
      id: 7,
      word: 0,
      fn: 0,
      ref: undefined,
      items: [],
      spread: false,
      stopOnError: false,
      tellsEachTask: false,
      eager: false,
    };
    this.outbox = new Outbox(chunk, thread, new Gathered());
  }

  /** First position and values of each message. */
  get batches(): [number, unknown][] {
    return this.sent.map(({ from, values }) => [from, values]);
  }

  /** Position and error of everything that failed. */
  get errors(): [number, unknown][] {
    return this.sent.flatMap(({ errors }) =>
      errors.map(([at, record]): [number, unknown] => [at, decodeError(record)])
    );
  }
}

/** An object that fails to be read every second time. */
function flaky(): object {
  let reads = 0;
  return {
    get value() {
      if (reads++ % 2 === 1) throw new Error("not now");
      return 1;
    },
  };
}

describe("Outbox", () => {
  it("keeps results back for a moment, to send many in one message", () => {
    const mail = new Mail();
    for (const value of [10, 11, 12, 13]) {
      assert.deepEqual(mail.sent.length, value < 13 ? 0 : 1);
      mail.now += 0.2;
      mail.outbox.addValue(value);
      mail.outbox.flushIfDue();
    }
    mail.outbox.end();
    assert.deepEqual(mail.batches, [[0, [10, 11, 12]], [3, [13]]]);
    assert.deepEqual(mail.sent.map(({ chunk, ended }) => [chunk, ended]), [[7, false], [7, true]]);
  });

  it("looks at the clock once in several tiny tasks, and more often again when they are longer", () => {
    const looks = (mail: Mail, tasks: number) => {
      const before = mail.looks;
      for (let task = 0; task < tasks; task++) mail.outbox.flushIfDue();
      return mail.looks - before;
    };
    const mail = new Mail();
    const tiny = looks(mail, 800);
    assert(tiny >= 25 && tiny < 35, `${tiny} looks`);
    mail.pace = 0.1;
    const longer = looks(mail, 800);
    assert(longer > 760, `${longer} looks`);
  });

  it("tells the time since the message before", () => {
    const mail = new Mail();
    mail.now = 5;
    mail.outbox.addValue(1);
    mail.outbox.flush();
    mail.now = 8;
    mail.outbox.end();
    assert.deepEqual(mail.sent.map(({ elapsed }) => elapsed), [5, 3]);
  });

  it("flush() sends nothing if there is nothing, end() always tells the end", () => {
    const mail = new Mail();
    mail.outbox.flush();
    mail.now = 1;
    mail.outbox.flushIfDue();
    assert.deepEqual(mail.sent, []);
    mail.outbox.end();
    assert.deepEqual(mail.batches, [[0, []]]);
  });

  it("gives errors the position of their task in the chunk", () => {
    const mail = new Mail();
    mail.outbox.addValue("a");
    mail.outbox.flush();
    mail.outbox.addValue("b");
    mail.outbox.addError(new RangeError("odd"));
    mail.outbox.end();
    const [[at, error] = []] = mail.errors;
    assert.equal(at, 2);
    assert(error instanceof RangeError);
    assert.deepEqual(mail.batches, [[0, ["a"]], [1, ["b", undefined]]]);
  });

  it("replaces results that cannot be cloned, and spares the others of their message", () => {
    const mail = new Mail();
    mail.outbox.addValue("sent before");
    mail.outbox.flush();
    for (const value of ["b", () => 1, "d", Symbol("s"), "f"]) mail.outbox.addValue(value);
    mail.outbox.addError(new RangeError("odd"));
    mail.outbox.end();
    const values = mail.batches.slice(1).flatMap(([, batch]) => batch);
    assert.deepEqual(values, ["b", undefined, "d", undefined, "f", undefined]);
    const byPosition = new Map(mail.errors);
    assert.deepEqual([...byPosition.keys()].toSorted(), [2, 4, 6]);
    for (const at of [2, 4]) {
      const error = byPosition.get(at);
      assert(error instanceof SerializationError);
      assert(error.cause !== undefined);
    }
    assert(byPosition.get(6) instanceof RangeError);
    assert.deepEqual(mail.sent.filter(({ ended }) => ended), [mail.sent.at(-1)]);
  });

  it("sends a result that hands something over in a message of its own", () => {
    const mail = new Mail();
    const bytes = new Uint8Array([1, 2, 3]);
    mail.outbox.addValue("a");
    mail.outbox.addValue(move(bytes, [bytes.buffer]));
    mail.outbox.addValue("c");
    mail.outbox.end();
    assert.deepEqual(mail.batches, [[0, ["a"]], [1, [new Uint8Array([1, 2, 3])]], [2, ["c"]]]);
    assert.equal(bytes.byteLength, 0);
  });

  it("fails only the result whose list of things to hand over is refused", () => {
    const mail = new Mail();
    // No type checker looks at the tasks of a caller who writes JavaScript.
    const untransferable = {} as ArrayBuffer;
    mail.outbox.addValue("a");
    mail.outbox.addValue(move({ n: 1 }, [untransferable]));
    mail.outbox.addValue("c");
    mail.outbox.end();
    assert.deepEqual(mail.batches, [[0, ["a"]], [1, [undefined]], [2, ["c"]]]);
    const [[at, error] = []] = mail.errors;
    assert.equal(at, 1);
    assert(error instanceof SerializationError);
  });

  it("sends on after a result whose getter fails now and then", () => {
    const mail = new Mail();
    mail.outbox.addValue("a");
    mail.outbox.flush();
    mail.outbox.addValue(flaky());
    mail.outbox.flush();
    mail.outbox.addValue("c");
    mail.outbox.end();
    assert.deepEqual(mail.batches, [[0, ["a"]], [1, [undefined]], [2, ["c"]]]);
    const [[at, error] = []] = mail.errors;
    assert.equal(at, 1);
    assert(error instanceof SerializationError);
    assert.match(error.message, /not now/);
  });
});
