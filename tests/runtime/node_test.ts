import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { describe, it } from "node:test";
import { isMainThread, Worker as RealWorker } from "node:worker_threads";
import {
  type CurrentTask,
  SyncScope,
  type TaskProvider,
  thread,
} from "../../core/worker/thread_state.ts";
import { captureContext, taskScope } from "../../runtime/async_context.ts";
import { openNodeWorker, startNodeWorker } from "../../runtime/node.ts";
import {
  nodeProcess,
  type NodeWorker,
  type NodeWorkerThreads,
  nodeWorkerThreads,
} from "../../runtime/platform.ts";
import type { WorkerPort } from "../../runtime/port.ts";
import { runtime } from "../fixtures/runtime.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { withProperty } from "../fixtures/with_property.ts";
import { init, run } from "./messages.ts";
import { RecordingListener } from "./recording_listener.ts";
import { THREAD_BEHAVIOURS } from "./thread_behaviours.ts";

const onlyOnNode = runtime !== "node" && "elsewhere workers are of the web's kind";

const OWN = new URL("../../worker.ts", import.meta.url);

/** A worker without a thread: it notes what is done to it, and the test says what it does. */
class FakeWorker implements NodeWorker {
  readonly calls: string[] = [];
  /** The worker's end of the channel, each time that it is sent one. */
  readonly ports: MessagePort[] = [];
  readonly #listeners = new Map<string, (value: never) => void>();

  on(event: string, listener: (value: never) => void): void {
    this.#listeners.set(event, listener);
  }

  emit(event: "message" | "error" | "exit", value: unknown): void {
    // Each event has a value of its own type.
    this.#listeners.get(event)?.(value as never);
  }

  postMessage(message: unknown, transfer: readonly Transferable[]): void {
    const { polypool, port } = structuredClone(Object(message), { transfer: [...transfer] });
    assert.equal(polypool, "connect");
    this.ports.push(port);
  }

  ref(): void {
    this.calls.push("ref");
  }

  unref(): void {
    this.calls.push("unref");
  }

  terminate(): Promise<number> {
    this.calls.push("terminate");
    return Promise.resolve(1);
  }
}

/** The port to a fake worker, and both ends of what passes through it. */
class FakeLine {
  readonly worker = new FakeWorker();
  readonly listener = new RecordingListener();
  readonly port: WorkerPort;

  constructor(isServed: boolean) {
    this.port = openNodeWorker(this.worker, isServed, this.listener);
  }

  close(): void {
    this.port.close();
    for (const port of this.worker.ports) port.close();
  }
}

/** Runs a test with a fake worker, and closes all ports however it ends. */
async function withFake(isServed: boolean, test: (line: FakeLine) => Promise<void> | void) {
  const line = new FakeLine(isServed);
  try {
    await test(line);
  } finally {
    line.close();
  }
}

/** Runs code as on a platform that has nothing of Node's. */
function withoutNode<R>(code: () => R): R {
  return withProperty(process, "getBuiltinModule", undefined, code);
}

/** Starts a worker with these flags of the process's own; gives what the platform is asked for. */
function startedWith(execArgv: readonly string[]): unknown {
  let asked: unknown[] = [];
  class NotedWorker extends FakeWorker {
    constructor(...options: unknown[]) {
      super();
      asked = options;
    }
  }
  const threads: NodeWorkerThreads = {
    isMainThread: true,
    parentPort: null,
    MessageChannel,
    Worker: NotedWorker,
  };
  const start = () => startNodeWorker(threads, OWN, "crew-1");
  assert.ok(withProperty(process, "execArgv", execArgv, start) instanceof NotedWorker);
  assert.equal(asked[0], OWN);
  return asked[1];
}

describe("nodeProcess() and nodeWorkerThreads()", () => {
  it("nodeProcess() is the process of every runtime that runs the tests", () => {
    assert.equal(typeof nodeProcess()?.exit, "function");
    assert.equal(withProperty(globalThis, "process", undefined, nodeProcess), undefined);
  });

  it("nodeWorkerThreads() is Node's module, or nothing where there is no such thing", () => {
    const threads: unknown = nodeWorkerThreads()?.Worker;
    assert.equal(threads, RealWorker);
    assert.equal(nodeWorkerThreads()?.isMainThread, isMainThread);
    assert.equal(withoutNode(nodeWorkerThreads), undefined);
    assert.equal(withProperty(globalThis, "process", undefined, nodeWorkerThreads), undefined);
  });
});

describe("startNodeWorker()", () => {
  it("startNodeWorker() gives the worker its name, and leaves it the program's flags", () => {
    assert.deepEqual(startedWith([]), { name: "crew-1" });
    assert.deepEqual(startedWith(["--no-warnings", "--expose-gc"]), { name: "crew-1" });
  });

  it("startNodeWorker() spares a file the flag of a program that is text, and no other", () => {
    const flags = ["--no-warnings", "--input-type", "module", "--conditions=x"];
    const execArgv = ["--no-warnings", "--conditions=x"];
    assert.deepEqual(startedWith(flags), { name: "crew-1", execArgv });
    assert.deepEqual(startedWith(["--input-type=module"]), { name: "crew-1", execArgv: [] });
  });

  it("startNodeWorker() spares a file that flag in the environment as well", () => {
    const env = { A: "1", NODE_OPTIONS: "--no-warnings --input-type=module" };
    const options = { name: "crew-1", env: { A: "1", NODE_OPTIONS: "--no-warnings" } };
    assert.deepEqual(withProperty(process, "env", env, () => startedWith([])), options);
  });

  it("startNodeWorker() goes without the flags that a worker is refused", () => {
    class Choosy extends FakeWorker {
      constructor(_code: URL | string, { execArgv = [] }: { execArgv?: readonly string[] }) {
        super();
        const [flag] = execArgv.filter((flag) => flag.startsWith("--expose"));
        if (flag) throw new Error(`Initiated Worker with invalid execArgv flags: ${flag}`);
      }
    }
    const threads = { isMainThread: true, parentPort: null, MessageChannel, Worker: Choosy };
    const flags = ["--input-type=module", "--expose-gc", "--no-warnings"];
    const start = () => startNodeWorker(threads, OWN, "crew-1");
    assert.ok(withProperty(process, "execArgv", flags, start) instanceof Choosy);
    assert.throws(
      () =>
        withProperty(process, "execArgv", ["--no-warnings"], () =>
          startNodeWorker(
            {
              ...threads,
              Worker: class extends FakeWorker {
                constructor() {
                  super();
                  throw new RangeError("no threads left");
                }
              },
            },
            OWN,
            "crew-1",
          )),
      /no threads left/,
    );
  });

  it("startNodeWorker() starts a thread that its port can talk to", {
    skip: onlyOnNode,
  }, async () => {
    const threads = nodeWorkerThreads();
    assert.ok(threads);
    const listener = new RecordingListener();
    const worker = startNodeWorker(threads, OWN, "crew-1");
    const port = openNodeWorker(worker, false, listener);
    try {
      port.post(init(), []);
      port.post(run("() => process.getBuiltinModule('node:worker_threads').isMainThread", [0]), []);
      await until(() => listener.values.length > 0);
      assert.deepEqual(listener.values, [false]);
    } finally {
      port.terminate();
      port.close();
    }
  });
});

describe("openNodeWorker()", () => {
  for (const [what, behaviour] of Object.entries(THREAD_BEHAVIOURS)) {
    it(
      `openNodeWorker() ${what}`,
      { skip: onlyOnNode },
      () =>
        behaviour((url, isServed, listener) => {
          const threads = nodeWorkerThreads();
          assert.ok(threads);
          return openNodeWorker(startNodeWorker(threads, url, "crew-1"), isServed, listener);
        }),
    );
  }
});

describe("openNodeWorker() and a worker", () => {
  it("openNodeWorker() connects once, at once, a worker of the pool's own", () =>
    withFake(false, ({ worker }) => {
      assert.equal(worker.ports.length, 1);
      worker.emit("message", { polypool: "serving" });
      assert.equal(worker.ports.length, 1);
    }));

  it("openNodeWorker() connects a served worker once it serves, and only then", () =>
    withFake(true, ({ worker }) => {
      for (const data of ["serving", null, { polypool: "locked" }, { kind: "ready" }]) {
        worker.emit("message", data);
        assert.deepEqual(worker.ports, []);
      }
      for (let times = 0; times < 2; times++) worker.emit("message", { polypool: "serving" });
      assert.equal(worker.ports.length, 1);
    }));

  it("openNodeWorker() hears the channel, and not what tasks post to the main thread", () =>
    withFake(true, async ({ worker, listener }) => {
      worker.emit("message", { polypool: "serving" });
      worker.emit("message", { kind: "ready" });
      worker.ports[0]?.postMessage({ polypool: "locked" });
      worker.ports[0]?.postMessage({ kind: "initializing" });
      await until(() => listener.heard.length > 0);
      assert.deepEqual(listener.heard, ["initializing"]);
    }));

  it("openNodeWorker() brings what it posts to the worker's end", () =>
    withFake(false, async ({ worker, port }) => {
      const arrived = Promise.withResolvers<unknown>();
      const [end] = worker.ports;
      assert.ok(end);
      end.onmessage = ({ data }) => arrived.resolve(data);
      const { buffer } = new Uint8Array([7]);
      port.post(run("(value) => value", [buffer]), [buffer]);
      assert.equal(buffer.byteLength, 0);
      assert.deepEqual(
        await arrived.promise,
        run("(value) => value", [new Uint8Array([7]).buffer]),
      );
    }));

  it("openNodeWorker() passes on errors as they are, and the exit code", () =>
    withFake(false, ({ worker, listener }) => {
      worker.emit("error", "just text");
      worker.emit("exit", 7);
      assert.deepEqual(listener.heard, ["failed", "ended"]);
      assert.deepEqual([listener.failures, listener.exitCodes], [["just text"], [7]]);
    }));

  it("hold(), release() and terminate() reach the worker, and nothing else does", () =>
    withFake(false, ({ worker, port, listener }) => {
      assert.deepEqual(worker.calls, []);
      port.release();
      port.hold();
      port.terminate();
      assert.deepEqual(worker.calls, ["unref", "ref", "terminate"]);
      assert.deepEqual(listener.heard, []);
    }));

  it("close() leaves the worker alone, and hears no message", () =>
    withFake(false, async ({ worker, port, listener }) => {
      worker.ports[0]?.postMessage({ kind: "ready" });
      port.close();
      await settleDown();
      assert.deepEqual([worker.calls, listener.heard, port.isBehind], [[], [], false]);
    }));
});

describe("taskScope()", () => {
  /** A test that finds no scope on its thread, and leaves the one that was there. */
  const afresh = (test: () => Promise<void> | void) => async () => {
    const before = thread().scope;
    thread().scope = undefined;
    try {
      await test();
    } finally {
      thread().scope = before;
    }
  };
  const task: TaskProvider & CurrentTask = {
    currentTask: () => task,
    signal: new AbortController().signal,
    workerName: "w-1",
    report: () => {},
  };

  it(
    "taskScope() is one for all of the thread, which finds it in its context",
    afresh(() => {
      const scope = taskScope();
      assert.equal(taskScope(), scope);
      assert.equal(thread().scope, scope);
    }),
  );

  it(
    "taskScope() follows its code through awaits and timers",
    afresh(async () => {
      const scope = taskScope();
      const look = async () => {
        await new Promise((wake) => setTimeout(wake));
        return scope.getStore();
      };
      const seen = await Promise.all([scope.run(task, look), scope.run(null, look), look()]);
      assert.deepEqual(seen, [task, null, undefined]);
    }),
  );

  it(
    "taskScope() ends with the first await where nothing follows code",
    afresh(async () => {
      const scope = withoutNode(taskScope);
      assert.ok(scope instanceof SyncScope);
      const seen = [scope.run(task, () => scope.getStore())];
      await scope.run(task, async () => {
        await Promise.resolve();
        seen.push(scope.getStore());
      });
      assert.deepEqual(seen, [task, undefined]);
    }),
  );
});

describe("captureContext()", () => {
  it("captureContext() runs code in the context in which it was called", () => {
    const storage = new AsyncLocalStorage<string>();
    const context = storage.run("of the call", captureContext);
    assert.ok(context);
    const seen = storage.run("of another call", () => [
      context(() => storage.getStore()),
      storage.getStore(),
    ]);
    assert.deepEqual(seen, ["of the call", "of another call"]);
  });

  it("captureContext() passes on what the code throws", () => {
    const fail = () => {
      throw new RangeError("of the code");
    };
    assert.throws(() => captureContext()?.(fail), RangeError);
  });

  it("captureContext() gives nothing where there is no such thing", () => {
    assert.equal(withoutNode(captureContext), undefined);
  });
});
