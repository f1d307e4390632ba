import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ThreadListener } from "../../core/ports.ts";
import type { WorkerLike } from "../../runtime/port.ts";
import { startWorker, type WorkerSource } from "../../runtime/start.ts";
import { defaultIdleTimeout, defaultWorkers, WorkerThread } from "../../runtime/thread.ts";
import { runtime } from "../fixtures/runtime.ts";
import { until } from "../fixtures/until.ts";
import { init, run } from "./messages.ts";
import { RecordingListener } from "./recording_listener.ts";

/** Notes all that is heard of a thread. */
class ThreadRecord extends RecordingListener implements ThreadListener {
  abandoned(): void {
    this.heard.push("abandoned");
  }
}

const url = new URL("../../worker.ts", import.meta.url);
const threads: WorkerSource = { start: (name) => startWorker(url, name), isServed: false };

/** A thread of a kind, and what is heard of it. */
function newThread(source: Partial<WorkerSource> = {}): [WorkerThread, ThreadRecord] {
  const listener = new ThreadRecord();
  return [new WorkerThread({ ...threads, ...source }, "w-1", listener), listener];
}

/** Starts one, and waits until it is up. */
async function upThread(source?: Partial<WorkerSource>): Promise<[WorkerThread, ThreadRecord]> {
  const [thread, listener] = newThread(source);
  thread.start();
  thread.post(init(), []);
  await until(() => listener.has("ready"));
  return [thread, listener];
}

const SOURCES: Record<string, Partial<WorkerSource>> = {
  "of its own": {},
  "that is the caller's": { local: new Map() },
};

describe("WorkerThread", () => {
  for (const [name, source] of Object.entries(SOURCES)) {
    it(`runs what it is sent on a thread ${name}, and ends when it is told to stop`, async () => {
      const [thread, listener] = await upThread(source);
      thread.post(run("(n) => n * 2", [1, 2]), []);
      await until(() => listener.values.length === 2);
      assert.deepEqual(listener.values, [2, 4]);
      thread.stop();
      await until(() => listener.has("ended"));
      assert.equal(listener.heard.filter((word) => word === "ended").length, 1);
    });

    it(`ends a thread ${name} that is killed, though it has a task`, async () => {
      const [thread, listener] = await upThread(source);
      thread.post(run("() => new Promise(() => {})", [1]), []);
      thread.kill();
      await until(() => listener.has("ended"));
      assert.deepEqual(listener.values, []);
    });
  }

  it("has heard all that was sent before it says that a thread has ended by itself", async () => {
    const [thread, listener] = await upThread();
    const exit = runtime === "node"
      ? "process.exit(7)"
      : "globalThis.close ? close() : process.exit(7)";
    // In a browser code runs on until it waits.
    thread.post(run(`(n) => n < 3 ? n : new Promise(() => ${exit})`, [1, 2, 3]), []);
    await until(() => listener.has("ended"));
    assert.equal(listener.heard.at(-1), "ended");
    assert.deepEqual(listener.values, [1, 2]);
  });

  it("has ended at once if it is told to end before it was started", () => {
    for (const how of ["stop", "kill"] as const) {
      const [thread, listener] = newThread();
      thread[how]();
      thread[how]();
      assert.deepEqual(listener.heard, ["ended"]);
    }
  });

  it("says in a later turn that it has ended when the caller's factory throws", async () => {
    const cause = new RangeError("no more");
    const [thread, listener] = newThread({
      start() {
        throw cause;
      },
    });
    thread.start();
    assert.deepEqual(listener.heard, ["failed"]);
    await until(() => listener.has("ended"));
    assert.deepEqual(listener.failures, [cause]);
  });

  it("refuses what is no worker, and ends it if it is one all the same", async () => {
    let terminated = 0;
    const impostor: WorkerLike = { postMessage: () => {}, terminate: () => void terminated++ };
    // What a caller may give that does not heed the type.
    const promise = Promise.resolve(impostor) as unknown as WorkerLike;
    for (const given of [impostor, promise]) {
      const [thread, listener] = newThread({ start: () => given });
      thread.start();
      await until(() => listener.has("ended"));
      assert(listener.failures[0] instanceof TypeError);
      assert.match(listener.failures[0].message, /'worker' must return a Worker/);
    }
    await until(() => terminated === 2);
  });

  it("ends once its caller's factory has returned that ended it", async () => {
    for (const how of ["stop", "kill"] as const) {
      const [thread, listener]: [WorkerThread, ThreadRecord] = newThread({
        start() {
          thread[how]();
          assert.deepEqual(listener.heard, [], "there is nothing yet that could end");
          throw new Error("nor will there be");
        },
      });
      thread.start();
      await until(() => listener.has("ended"));
      assert.deepEqual(listener.heard, ["failed", "ended"]);
    }
  });

  it("hears for some turns what arrives after the news of its end", async () => {
    const [thread, listener] = await upThread();
    thread.ended(7);
    await new Promise((wake) => setTimeout(wake));
    thread.message({ kind: "late" });
    await until(() => listener.has("ended"));
    assert.deepEqual([listener.heard.slice(-2), listener.exitCodes], [["late", "ended"], [7]]);
    thread.kill();
  });

  it("says nothing more after its end", async () => {
    const [thread, listener] = await upThread();
    thread.kill();
    await until(() => listener.has("ended"));
    const { length } = listener.heard;
    thread.message({ kind: "ready" });
    thread.failed(new Error("late"));
    thread.ended(1);
    thread.kill();
    assert.equal(listener.heard.length, length);
  });

  it("newTimer() makes timers that end with it", async () => {
    const [thread, listener] = await upThread();
    const timer = thread.newTimer();
    timer.start(60_000, () => {});
    assert.equal(timer.isRunning, true);
    thread.kill();
    await until(() => listener.has("ended"));
    assert.equal(timer.isRunning, false);
  });

  it("shares memory wherever the platform has such", () => {
    assert.equal(newThread()[0].sharesMemory, typeof SharedArrayBuffer !== "undefined");
  });
});

describe("defaultWorkers() and defaultIdleTimeout()", () => {
  it("are as many as the machine can run, which stay where no process has to end", () => {
    assert(defaultWorkers() >= 1);
    const holdsProcess = runtime === "deno" && !("unref" in Worker.prototype);
    assert.equal(defaultIdleTimeout(), holdsProcess ? 1_000 : Infinity);
  });
});
