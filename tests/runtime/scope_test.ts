/**
 * A worker's own side, heard and spoken to by a test that does the pool's part.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Worker as NodeWorker } from "node:worker_threads";
import { kindOf, type ToWorker } from "../../core/wire/protocol.ts";
import type { WorkerLike } from "../../runtime/port.ts";
import { workerScope } from "../../runtime/scope.ts";
import { makeWorker } from "../fixtures/make_worker.ts";
import { hasSilentThreads, runtime } from "../fixtures/runtime.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { holdLock, isLockFree } from "./locks.ts";
import { init, run, served } from "./messages.ts";

const OWN = new URL("../../worker.ts", import.meta.url);
const FAULTS = new URL("../fixtures/workers/faults.worker.ts", import.meta.url);

const onlyWithLocks = !hasSilentThreads && "here workers hold no lock";

const onlyOnNode = runtime !== "node" && "nowhere else is output passed on by the main thread";

/** A channel to a worker, and what came through it. */
class Line {
  readonly heard: unknown[] = [];
  /** Called with each message as it comes. */
  onHeard: (data: unknown) => void = () => {};
  /** The worker's end. */
  readonly end: MessagePort;
  readonly #port: MessagePort;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.end = port2;
    port1.onmessage = ({ data }) => {
      this.heard.push(data);
      this.onHeard(data);
    };
  }

  post(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }

  /** The words of the handshake, such as `polypool locked`, and the kinds of all other messages. */
  get words(): string[] {
    return this.heard.map((data) => {
      const { polypool } = Object(data);
      return polypool === undefined ? kindOf(data) : `polypool ${polypool}`;
    });
  }

  has(word: string): boolean {
    return this.words.includes(word);
  }
}

/** A worker and its global scope, as the code that made it sees them. */
class Parent {
  /** What the worker said on its global scope. */
  readonly said: unknown[] = [];
  readonly errors: unknown[] = [];
  /** On Deno and in browsers no event tells of an end. */
  readonly exitCodes: unknown[] = [];
  readonly #worker: WorkerLike;
  readonly #lines: Line[] = [];

  constructor(worker: WorkerLike) {
    this.#worker = worker;
    if (worker instanceof NodeWorker) {
      worker.on("message", (data) => this.said.push(data));
      worker.on("error", (error) => this.errors.push(error));
      worker.on("exit", (code) => this.exitCodes.push(code));
    } else if (globalThis.Worker !== undefined && worker instanceof Worker) {
      worker.onmessage = ({ data }) => this.said.push(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.errors.push(event.error ?? event.message);
      };
      worker.addEventListener("close", (event) => this.exitCodes.push(Object(event).code));
    }
  }

  /** Says something on the global scope. */
  say(message: unknown, transfer: Transferable[] = []): void {
    // Every kind of worker takes a list of what is handed over; the package asks for none.
    const { postMessage }: { postMessage(message: unknown, transfer?: Transferable[]): void } =
      this.#worker;
    postMessage.call(this.#worker, message, transfer);
  }

  /** Does what the pool does first. */
  connect(lock = ""): Line {
    const line = new Line();
    this.#lines.push(line);
    this.say({ polypool: "connect", port: line.end, lock }, [line.end]);
    return line;
  }

  end(): void {
    this.#worker.terminate();
    for (const line of this.#lines) line.close();
  }
}

/** Runs a test with a worker, and ends the worker however the test ends. */
async function withParent(
  worker: WorkerLike,
  test: (parent: Parent) => Promise<void>,
): Promise<void> {
  const parent = new Parent(worker);
  try {
    await test(parent);
  } finally {
    parent.end();
  }
}

/** A name that no other lock has. */
function newLock(): string {
  return `polypool test ${crypto.randomUUID()}`;
}

/** How the code of a task ends its own thread here. */
const ENDS = runtime === "deno" ? ["exitProcess", "exitDeno", "closeSelf"] : ["exitProcess"];

/** What its pool hears last, where an event tells of the end and where none does. */
const LAST_WORDS = runtime === "node" ? ["ending"] : ["ending", "polypool ending"];

describe("workerScope()", () => {
  it("workerScope() is nothing on the main thread", () => {
    assert.equal(workerScope(), undefined);
  });

  it("workerScope() lets a file that serves say so, once, on its global scope", () =>
    withParent(makeWorker(FAULTS), async (parent) => {
      await until(() => parent.said.length > 0);
      const line = parent.connect();
      line.post(init());
      line.post(run(served("identity"), [7]));
      await until(() => line.has("results"));
      assert.deepEqual(parent.said, [{ polypool: "serving" }]);
    }));

  it("workerScope() says nothing on the global scope of the pool's own file", () =>
    withParent(makeWorker(OWN), async (parent) => {
      const line = parent.connect();
      line.post(init());
      await until(() => line.has("ready"));
      assert.deepEqual(parent.said, []);
    }));

  it("workerScope() waits for a port, whatever else comes", () =>
    withParent(makeWorker(OWN), async (parent) => {
      for (const data of [null, "connect", { polypool: "serving" }, { polypool: "connect" }]) {
        parent.say(data);
      }
      parent.say({ polypool: "connect", port: {}, lock: "" });
      parent.say(init());
      const line = parent.connect();
      line.post(init());
      await until(() => line.has("ready"));
      assert.deepEqual([parent.said, parent.errors], [[], []]);
    }));

  it("workerScope() takes the first port, and no other", () =>
    withParent(makeWorker(OWN), async (parent) => {
      const [first, second] = [parent.connect(), parent.connect()];
      second.post(init());
      first.post(init());
      await until(() => first.has("ready"));
      first.post(run("(n) => n", [7]));
      await until(() => first.has("results"));
      assert.deepEqual(second.heard, []);
    }));
});

describe("The lock of a worker", () => {
  it("is held from the time on at which the worker says so until its end", {
    skip: onlyWithLocks,
  }, () =>
    withParent(makeWorker(OWN), async (parent) => {
      const lock = newLock();
      const line = parent.connect(lock);
      await until(() => line.has("polypool locked"));
      assert.equal(await isLockFree(lock), false);
      line.post({ kind: "stop" });
      const letGo = await holdLock(lock);
      letGo();
    }));

  it(
    "is free when the worker was terminated",
    { skip: onlyWithLocks },
    () =>
      withParent(makeWorker(OWN), async (parent) => {
        const lock = newLock();
        const line = parent.connect(lock);
        await until(() => line.has("polypool locked"));
        parent.end();
        const letGo = await holdLock(lock);
        letGo();
      }),
  );

  it(
    "is waited for by a worker that is told to stop",
    { skip: onlyWithLocks },
    () =>
      withParent(makeWorker(OWN), async (parent) => {
        const lock = newLock();
        const letGo = await holdLock(lock);
        const line = parent.connect(lock);
        line.post({ kind: "stop" });
        line.post(init());
        await until(() => line.has("ready"));
        assert.deepEqual(line.words, ["ready"]);
        letGo();
        await until(() => line.has("polypool ending"));
        assert.deepEqual(line.words, ["ready", "polypool locked", "polypool ending"]);
      }),
  );

  it("is nothing that a worker speaks of whose end an event tells", {
    skip: hasSilentThreads && "no event tells of a worker's end",
  }, () =>
    withParent(makeWorker(OWN), async (parent) => {
      const line = parent.connect(newLock());
      line.post(init());
      await until(() => line.has("ready"));
      await settleDown();
      assert.deepEqual(line.words, ["ready"]);
    }));
});

describe("The end of a worker by its own code", () => {
  for (const name of ENDS) {
    it(`${name}() is told at once, first for the task that runs`, () =>
      withParent(makeWorker(FAULTS), async (parent) => {
        const line = parent.connect();
        line.post(init());
        line.post(run(served(name), [7], { id: 5 }));
        await until(() => LAST_WORDS.every((word) => line.has(word)));
        const last = line.heard.slice(line.words.lastIndexOf("began") + 1);
        const expected = [{ kind: "ending", chunk: 5 }, { polypool: "ending" }];
        assert.deepEqual(last.slice(0, LAST_WORDS.length), expected.slice(0, LAST_WORDS.length));
      }));
  }

  it("process.exit() sends what its chunk has for results, before it is told", () =>
    withParent(makeWorker(OWN), async (parent) => {
      const line = parent.connect();
      line.post(init());
      const exit = "globalThis.process ? process.exit() : close()";
      line.post(run(`(n) => n < 2 ? n : ${exit}`, [1, 2]));
      await until(() => line.has("ending"));
      const words = line.words.slice(line.words.indexOf("began") + 1);
      assert.deepEqual(words.slice(0, 2), ["results", "ending"]);
      assert.deepEqual(Object(line.heard[line.words.indexOf("results")]).values, [1]);
    }));

  it("process.exit() outside of tasks is told as no task's", {
    skip: runtime === "node" && "an event tells it there",
  }, () =>
    withParent(makeWorker(FAULTS), async (parent) => {
      const line = parent.connect();
      line.post(init());
      line.post(run(served("exitLater"), [20]));
      await until(() => line.has("polypool ending"));
      assert.equal(line.has("ending"), false);
    }));

  it("stop is followed as soon as it comes, with an exit code that means no harm", () =>
    withParent(makeWorker(OWN), async (parent) => {
      const lock = newLock();
      const line = parent.connect(lock);
      line.post({ kind: "stop" });
      if (hasSilentThreads) await until(() => line.has("polypool ending"));
      else await until(() => parent.exitCodes.length > 0);
      assert.deepEqual(parent.exitCodes, hasSilentThreads ? [] : [0]);
      assert.deepEqual(parent.errors, []);
    }));
});

describe("A rejection in a worker", () => {
  it("reaches the code that made the worker, if it is not handled", () =>
    withParent(makeWorker(FAULTS), async (parent) => {
      const line = parent.connect();
      line.post(init());
      line.post(run(served("rejectUnhandled"), [0]));
      await until(() => parent.errors.length > 0);
      assert.match(String(parent.errors[0]), /rejected unheard/);
    }));

  it("is left to a listener of the worker's own that handles it", {
    skip: !hasSilentThreads && "there is no such event",
  }, () =>
    withParent(makeWorker(OWN), async (parent) => {
      const source = `(text) => {
        addEventListener("unhandledrejection", (event) => event.preventDefault());
        void Promise.reject(new RangeError(text));
        return new Promise((wake) => setTimeout(wake, 20, "goes on"));
      }`;
      const line = parent.connect();
      line.post(init());
      line.post(run(source, ["handled"]));
      await until(() => line.has("results"));
      assert.deepEqual(Object(line.heard.at(-1)).values, ["goes on"]);
      assert.deepEqual(parent.errors, []);
    }));
});

describe("What a worker prints", () => {
  for (const name of ["stdout", "stderr"] as const) {
    it(`has reached the main thread before the result of its task, on ${name}`, {
      skip: onlyOnNode,
    }, () => {
      const worker = new NodeWorker(OWN, { stdout: true, stderr: true });
      const stream = worker[name];
      let length = 0;
      stream.on("data", (data) => length += data.length);
      return withParent(worker, async (parent) => {
        const line = parent.connect();
        const atResult = new Promise((resolve) => {
          line.onHeard = (data) => {
            if (Object(data).kind === "results") resolve(length + stream.readableLength);
          };
        });
        const source = `(name) => {
          for (let n = 0; n < 10; n++) process[name].write("x".repeat(10_000));
        }`;
        line.post(init());
        line.post(run(source, [name]));
        assert.equal(await atResult, 100_000);
      });
    });
  }
});
