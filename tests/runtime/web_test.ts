import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkerPort } from "../../runtime/port.ts";
import { openWebWorker } from "../../runtime/web.ts";
import { hasSilentThreads, runtime } from "../fixtures/runtime.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { holdLock } from "./locks.ts";
import { init } from "./messages.ts";
import { RecordingListener } from "./recording_listener.ts";
import { THREAD_BEHAVIOURS } from "./thread_behaviours.ts";

const skip = globalThis.Worker === undefined && "there are no workers of this kind";

const onlyWhereSilent = !hasSilentThreads && "an event tells of a worker's end";

const onlyOnBun = runtime !== "bun" && "no event tells of a worker's end";

/** What the pool sends a worker first. */
interface Connect {
  readonly port: MessagePort;
  readonly lock: string;
}

/** A worker without a thread: it notes what is done to it, and the test says what it does. */
class FakeWorker extends EventTarget {
  readonly calls: string[] = [];
  readonly connects: Connect[] = [];
  onmessage: (event: MessageEvent) => void = () => {};
  onerror: (event: ErrorEvent) => void = () => {};

  postMessage(message: { polypool: string } & Connect, transfer: Transferable[]): void {
    assert.equal(message.polypool, "connect");
    // As a real worker would get it: only what is handed over arrives.
    this.connects.push(structuredClone(message, { transfer }));
  }

  terminate(): void {
    this.calls.push("terminate");
  }
}

/** One that can let the process end, as Bun's. */
class RefableFake extends FakeWorker {
  ref(): void {
    this.calls.push("ref");
  }

  unref(): void {
    this.calls.push("unref");
  }
}

/** The port to a fake worker, and both ends of what passes through it. */
class FakeLine {
  readonly worker: FakeWorker;
  readonly listener = new RecordingListener();
  readonly port: WorkerPort;

  constructor(isServed: boolean, worker: FakeWorker = new FakeWorker()) {
    this.worker = worker;
    // It has all of a Worker that is used.
    this.port = openWebWorker(worker as unknown as Worker, isServed, this.listener);
  }

  get connect(): Connect {
    const [connect] = this.worker.connects;
    assert.ok(connect, "the worker was not connected");
    return connect;
  }

  /** The worker says something on its global scope. */
  say(data: unknown): void {
    this.worker.onmessage(new MessageEvent("message", { data }));
  }

  /** The worker says something to the pool alone. */
  sayToPool(message: unknown): void {
    this.connect.port.postMessage(message);
  }

  close(): void {
    this.port.close();
    for (const { port } of this.worker.connects) port.close();
  }
}

/** Runs a test with a fake worker, and closes all ports however it ends. */
async function withFake(line: FakeLine, test: (line: FakeLine) => Promise<void> | void) {
  try {
    await test(line);
  } finally {
    line.close();
  }
}

describe("openWebWorker()", () => {
  for (const [what, behaviour] of Object.entries(THREAD_BEHAVIOURS)) {
    it(
      `openWebWorker() ${what}`,
      { skip },
      () =>
        behaviour((url, isServed, listener) =>
          openWebWorker(new Worker(url, { type: "module" }), isServed, listener)
        ),
    );
  }
});

describe("openWebWorker() and the handshake", () => {
  it(
    "openWebWorker() connects once, at once, a worker of the pool's own",
    { skip },
    () =>
      withFake(new FakeLine(false), (line) => {
        assert.equal(line.worker.connects.length, 1);
        line.say({ polypool: "serving" });
        assert.equal(line.worker.connects.length, 1);
      }),
  );

  it(
    "openWebWorker() connects a served worker once it serves, and only then",
    { skip },
    () =>
      withFake(new FakeLine(true), (line) => {
        for (const data of ["serving", null, { polypool: "locked" }, { kind: "ready" }]) {
          line.say(data);
          assert.deepEqual(line.worker.connects, []);
        }
        for (let times = 0; times < 2; times++) line.say({ polypool: "serving" });
        assert.equal(line.worker.connects.length, 1);
      }),
  );

  it(
    "openWebWorker() gives each worker a lock of its own",
    { skip },
    () =>
      withFake(new FakeLine(false), (one) =>
        withFake(new FakeLine(false), (other) => {
          assert.match(one.connect.lock, /^polypool ./);
          assert.notEqual(one.connect.lock, other.connect.lock);
        })),
  );

  it(
    "openWebWorker() hears the channel, and not what tasks post on their scope",
    { skip },
    () =>
      withFake(new FakeLine(true), async (line) => {
        line.say({ polypool: "serving" });
        line.say({ kind: "ready" });
        line.sayToPool({ kind: "initializing" });
        await until(() => line.listener.heard.length > 0);
        assert.deepEqual(line.listener.heard, ["initializing"]);
      }),
  );

  it(
    "openWebWorker() takes no word of the handshake for a message",
    { skip },
    () =>
      withFake(new FakeLine(false), async (line) => {
        line.sayToPool({ polypool: "serving" });
        line.sayToPool({ kind: "ready" });
        await until(() => line.listener.heard.length > 0);
        assert.deepEqual(line.listener.heard, ["ready"]);
      }),
  );
});

describe("openWebWorker() and errors", () => {
  const failureOf = (event: Partial<ErrorEvent>): unknown => {
    const line = new FakeLine(false);
    try {
      // Runtimes differ in what their events have.
      line.worker.onerror({ preventDefault: () => {}, ...event } as ErrorEvent);
      assert.deepEqual(line.listener.heard, ["failed"]);
      return line.listener.failures[0];
    } finally {
      line.close();
    }
  };

  it("openWebWorker() passes on the error itself, where the event has it", { skip }, () => {
    const error = new RangeError("its own");
    assert.equal(failureOf({ error, message: "Uncaught" }), error);
  });

  it("openWebWorker() makes an error of the event's text, if that is all", { skip }, () => {
    const failure = failureOf({ error: null, message: "Uncaught RangeError: its own" });
    assert.ok(failure instanceof Error);
    assert.equal(failure.message, "Uncaught RangeError: its own");
  });

  it("openWebWorker() says that the worker did not load, if nothing does", { skip }, () => {
    const failure = failureOf({});
    assert.ok(failure instanceof Error);
    assert.match(failure.message, /did not load/);
  });

  it(
    "openWebWorker() keeps the runtime from ending the process for an error",
    { skip },
    () =>
      withFake(new FakeLine(false), (line) => {
        const event = new ErrorEvent("error", { cancelable: true, message: "of a timer" });
        line.worker.onerror(event);
        assert.equal(event.defaultPrevented, true);
        assert.deepEqual(line.worker.calls, []);
      }),
  );
});

describe("openWebWorker() and the end of its worker", () => {
  it(
    "openWebWorker() tells the exit code of the event, once",
    { skip },
    () =>
      withFake(new FakeLine(false), (line) => {
        for (const code of [3, 4]) {
          line.worker.dispatchEvent(Object.assign(new Event("close"), { code }));
        }
        assert.deepEqual(line.listener.exitCodes, [3]);
      }),
  );

  it(
    "openWebWorker() tells of an end whose event has no code",
    { skip },
    () =>
      withFake(new FakeLine(false), (line) => {
        line.worker.dispatchEvent(new Event("close"));
        assert.deepEqual(line.listener.exitCodes, [undefined]);
      }),
  );

  it(
    "terminate() tells of the end when the event does",
    { skip: onlyOnBun },
    () =>
      withFake(new FakeLine(false), async (line) => {
        line.port.terminate();
        line.sayToPool({ polypool: "ending" });
        await settleDown();
        assert.deepEqual([line.worker.calls, line.listener.heard], [["terminate"], []]);
        line.worker.dispatchEvent(new Event("close"));
        assert.deepEqual(line.listener.heard, ["ended"]);
      }),
  );

  it(
    "terminate() is taken for the end where nothing tells",
    { skip: onlyWhereSilent },
    () =>
      withFake(new FakeLine(false), async (line) => {
        line.port.terminate();
        assert.deepEqual([line.worker.calls, line.listener.heard], [["terminate"], []]);
        await until(() => line.listener.has("ended"));
        line.port.terminate();
        await settleDown();
        assert.deepEqual(line.listener.exitCodes, [undefined]);
      }),
  );

  it(
    "openWebWorker() takes a worker at its last word where nothing else tells",
    { skip: onlyWhereSilent },
    () =>
      withFake(new FakeLine(false), async (line) => {
        line.sayToPool({ polypool: "ending" });
        await until(() => line.listener.has("ended"));
        assert.deepEqual(line.listener.heard, ["ended"]);
      }),
  );

  it(
    "openWebWorker() waits for the lock of a worker that has one",
    { skip: onlyWhereSilent },
    () =>
      withFake(new FakeLine(false), async (line) => {
        const letGo = await holdLock(line.connect.lock);
        line.sayToPool({ polypool: "locked" });
        line.sayToPool({ polypool: "ending" });
        line.sayToPool({ kind: "ready" });
        await until(() => line.listener.has("ready"));
        line.port.terminate();
        await settleDown();
        assert.deepEqual([line.worker.calls, line.listener.heard], [["terminate"], ["ready"]]);
        letGo();
        await until(() => line.listener.has("ended"));
        assert.deepEqual(line.listener.exitCodes, [undefined]);
      }),
  );

  it(
    "openWebWorker() ends a worker whose task gave its lock away",
    { skip: onlyWhereSilent },
    () =>
      withFake(new FakeLine(false), async (line) => {
        const letGo = await holdLock(line.connect.lock);
        line.sayToPool({ polypool: "locked" });
        line.sayToPool({ kind: "ready" });
        await until(() => line.listener.has("ready"));
        letGo();
        await until(() => line.listener.has("ended"));
        assert.deepEqual(line.worker.calls, ["terminate"]);
      }),
  );

  it(
    "close() leaves the worker alone, and hears no message",
    { skip },
    () =>
      withFake(new FakeLine(false), async (line) => {
        line.port.post(init(), []);
        line.sayToPool({ kind: "ready" });
        line.port.close();
        await settleDown();
        assert.deepEqual([line.worker.calls, line.listener.heard], [[], []]);
        assert.equal(line.port.isBehind, false);
      }),
  );
});

describe("hold() and release() of a web worker", () => {
  it(
    "hold() and release() reach a worker that can let the process end",
    { skip },
    () =>
      withFake(new FakeLine(false, new RefableFake()), ({ port, worker }) => {
        assert.deepEqual(worker.calls, []);
        port.release();
        port.hold();
        assert.deepEqual(worker.calls, ["unref", "ref"]);
      }),
  );

  it(
    "hold() and release() do nothing to a worker that cannot",
    { skip },
    () =>
      withFake(new FakeLine(false), ({ port, worker }) => {
        port.release();
        port.hold();
        assert.deepEqual(worker.calls, []);
      }),
  );
});
