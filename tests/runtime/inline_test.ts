import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { currentTask } from "../../core/worker/task_context.ts";
import type { TaskCode } from "../../core/wire/source_text.ts";
import { decodeError } from "../../core/wire/error_codec.ts";
import { keyOf } from "../../core/wire/task_ref.ts";
import { openInlineWorker } from "../../runtime/inline.ts";
import { taskScope } from "../../runtime/async_context.ts";
import type { WorkerPort } from "../../runtime/port.ts";
import { hasFairTimers, runtime } from "../fixtures/runtime.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { abort, init, run, served } from "./messages.ts";
import { RecordingListener, SlowListener } from "./recording_listener.ts";

/** A worker on this thread that has these functions, by name. */
function openWith(
  functions: Readonly<Record<string, TaskCode>> = {},
  listener: RecordingListener = new RecordingListener(),
): { port: WorkerPort; listener: RecordingListener } {
  const entries = Object.entries(functions);
  const byKey = new Map(entries.map(([name, code]) => [keyOf(served(name)), code]));
  return { port: openInlineWorker(byKey, listener), listener };
}

/** Lets everything happen that waits for no turn of the event loop. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

describe("openInlineWorker()", () => {
  it("openInlineWorker() answers as a worker does", async () => {
    const { port, listener } = openWith();
    port.post(init("crew-1"), []);
    port.post(run("(n) => n * 2", [1, 2]), []);
    await until(() => listener.values.length === 2);
    assert.deepEqual(listener.heard.slice(0, 3), ["ready", "began", "results"]);
    assert.deepEqual(listener.values, [2, 4]);
  });

  it("openInlineWorker() runs on the calling thread what its caller passed", async () => {
    const seen: unknown[] = [];
    const { port, listener } = openWith({ note: (value) => seen.push(value) });
    port.post(init(), []);
    port.post(run(served("note"), [7, 8]), []);
    await until(() => listener.values.length === 2);
    assert.deepEqual(seen, [7, 8]);
  });

  it("openInlineWorker() hears and says nothing within the turn that calls it", async () => {
    let runs = 0;
    const { port, listener } = openWith({ count: () => ++runs });
    port.post(init("w-1", served("count")), []);
    await microtasks();
    assert.deepEqual([runs, listener.heard], [0, []]);
    await until(() => listener.has("ready"));
    assert.equal(runs, 1);
  });

  it("openInlineWorker() gives each message a turn of its own, in order", async () => {
    const log: unknown[] = [];
    const { port, listener } = openWith({ log: (entry) => log.push(entry) });
    // The first one waits for an import that never ends: from then on they are known.
    port.post(run(served("log"), ["first"]), []);
    await until(() => listener.values.length === 1);
    port.post(run(served("log"), ["second"], { id: 1 }), []);
    setTimeout(() => log.push("the caller's"));
    port.post(run(served("log"), ["third"], { id: 2 }), []);
    setTimeout(() => log.push("the caller's last"));
    await until(() => log.length === 5);
    // In browsers messages do not wait for timers, nor timers for messages.
    const isWanted = (entry: unknown) => runtime !== "browser" || !/caller/.test(String(entry));
    const order = ["first", "second", "the caller's", "third", "the caller's last"];
    assert.deepEqual(log.filter(isWanted), order.filter(isWanted));
  });

  it("openInlineWorker() clones what it posts, when it posts it", async () => {
    const seen: unknown[] = [];
    const item = { list: [1] };
    const { port, listener } = openWith({ note: (value) => seen.push(value) });
    port.post(run(served("note"), [item]), []);
    item.list.push(2);
    await until(() => listener.values.length === 1);
    assert.deepEqual(seen, [{ list: [1] }]);
  });

  it("openInlineWorker() clones what tasks return, when they return it", async () => {
    const result = { list: [1] };
    const give = () => {
      // In a turn before the one in which it is heard.
      setTimeout(() => result.list.push(2));
      return result;
    };
    const { port, listener } = openWith({ give });
    port.post(run(served("give"), [0]), []);
    await until(() => listener.values.length === 1);
    assert.deepEqual([listener.values, result], [[{ list: [1] }], { list: [1, 2] }]);
  });

  it("openInlineWorker() hands over what is to be transferred", async () => {
    const { port, listener } = openWith();
    const { buffer } = new Uint8Array([7]);
    port.post(run("(buffer) => buffer.byteLength", [buffer]), [buffer]);
    assert.equal(buffer.byteLength, 0);
    await until(() => listener.values.length === 1);
    assert.deepEqual(listener.values, [1]);
  });

  it("openInlineWorker() refuses at once what cannot be cloned", () => {
    const { port } = openWith();
    assert.throws(() => port.post(run("(n) => n", [() => 1]), []), { name: "DataCloneError" });
  });

  it("openInlineWorker() sends the error of a result that cannot be cloned", async () => {
    const { port, listener } = openWith();
    port.post(run("(n) => () => n", [1]), []);
    await until(() => listener.has("results"));
    const { errors: [entry] } = Object(listener.messages.at(-1));
    assert.equal(Object(decodeError(entry[1])).name, "SerializationError");
  });

  it("openInlineWorker() shows its tasks who they are, and other code nothing", async () => {
    const { port, listener } = openWith({ name: () => currentTask()?.workerName });
    port.post(init("crew-1"), []);
    port.post(run(served("name"), [0]), []);
    assert.equal(currentTask(), undefined);
    await until(() => listener.values.length === 1);
    assert.deepEqual([listener.values, currentTask()], [["crew-1"], undefined]);
  });

  it("openInlineWorker() does not take the task that posts for its own", async () => {
    const seen: unknown[] = [];
    const { port, listener } = openWith({ look: () => seen.push(currentTask()) });
    const { signal } = new AbortController();
    const task = { signal, workerName: "outer-1", report: () => {} };
    taskScope().run({ currentTask: () => task }, () => port.post(init("w-1", served("look")), []));
    await until(() => listener.has("ready"));
    assert.deepEqual(seen, [undefined]);
  });

  it("openInlineWorker() is behind while there are more reports than a turn has time for", async () => {
    const listener = new SlowListener();
    const report = () => {
      for (let n = 0; n < 20; n++) currentTask()?.report(n);
    };
    const { port } = openWith({ report }, listener);
    listener.port = port;
    assert.equal(port.isBehind, false);
    port.post(run(served("report"), [0]), []);
    await until(() => listener.has("results"));
    assert.ok(listener.wasBehind || hasFairTimers);
    assert.deepEqual(listener.reports, [...Array(20).keys()]);
    await until(() => !port.isBehind);
  });
});

describe("The end of an inline worker", () => {
  for (
    const [what, end] of [
      ["stop", (port: WorkerPort) => port.post({ kind: "stop" }, [])],
      ["terminate()", (port: WorkerPort) => port.terminate()],
    ] as const
  ) {
    it(`${what} is told once, in a later turn, as an end that went well`, async () => {
      const { port, listener } = openWith();
      port.post(init(), []);
      await until(() => listener.has("ready"));
      end(port);
      await microtasks();
      assert.deepEqual(listener.heard, ["ready"]);
      await until(() => listener.has("ended"));
      end(port);
      port.terminate();
      await settleDown();
      assert.deepEqual(listener.exitCodes, [0]);
    });
  }

  it("terminate() has nothing run that was posted before, and nothing heard after", async () => {
    let runs = 0;
    const { port, listener } = openWith({ count: () => ++runs });
    port.post(init("w-1", served("count")), []);
    port.terminate();
    port.post(run(served("count"), [0]), []);
    await until(() => listener.has("ended"));
    await settleDown();
    assert.deepEqual([runs, listener.heard], [0, ["ended"]]);
  });

  it("terminate() cannot stop a task, whose result nobody hears", async () => {
    const gate = Promise.withResolvers<void>();
    let isOver = false;
    const wait = async () => {
      await gate.promise;
      isOver = true;
    };
    const { port, listener } = openWith({ wait });
    port.post(run(served("wait"), [0], { tellsEachTask: true }), []);
    await until(() => listener.has("began"));
    port.terminate();
    await until(() => listener.has("ended"));
    gate.resolve();
    await until(() => isOver);
    await settleDown();
    assert.equal(listener.has("results"), false);
  });

  for (const what of ["terminate", "close"] as const) {
    it(`${what}() lets an abort through to the task that runs`, async () => {
      const reasons: unknown[] = [];
      const heed = () => {
        const signal = currentTask()?.signal;
        return new Promise<void>((resolve) => {
          signal?.addEventListener("abort", () => {
            reasons.push(signal.reason);
            resolve();
          });
        });
      };
      const { port, listener } = openWith({ heed });
      port.post(run(served("heed"), [0], { id: 5, tellsEachTask: true }), []);
      await until(() => listener.has("began"));
      port[what]();
      port.post(abort(5, "enough"), []);
      await until(() => reasons.length > 0);
      await settleDown();
      assert.deepEqual([reasons, listener.has("results")], [["enough"], false]);
    });
  }

  it("close() has nothing told any more, not even the end", async () => {
    const { port, listener } = openWith();
    port.post(init(), []);
    port.post(run("(n) => n", [7]), []);
    port.close();
    port.terminate();
    await settleDown();
    assert.deepEqual(listener.heard, []);
  });

  it("close() keeps from its listener what had been said and not been heard", async () => {
    let isOver = false;
    const close = () => {
      port.close();
      isOver = true;
    };
    const { port, listener } = openWith({ close });
    port.post(run(served("close"), [0]), []);
    await until(() => isOver);
    await settleDown();
    // That it has begun was on its way.
    assert.deepEqual(listener.heard, ["loading"]);
  });
});

describe("hold() and release() of an inline worker", () => {
  it("hold() and release() are there, and change nothing", async () => {
    const { port, listener } = openWith();
    port.release();
    port.hold();
    port.post(init(), []);
    await until(() => listener.has("ready"));
    assert.deepEqual(listener.heard, ["ready"]);
  });
});
