/**
 * One table of what a worker does that has a thread of its own, as its pool sees it: the same on
 * all that open a port to such a worker.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { WorkerPort } from "../../runtime/port.ts";
import { arrivals, makeGate, open } from "../fixtures/gate.ts";
import { hasFairTimers, hasSilentThreads, runtime } from "../fixtures/runtime.ts";
import { settleDown } from "../fixtures/settle_down.ts";
import { until } from "../fixtures/until.ts";
import { init, run, served } from "./messages.ts";
import { RecordingListener, SlowListener } from "./recording_listener.ts";

/** Starts a worker, and opens a port to it in the same turn. */
export type Opener = (url: URL, isServed: boolean, listener: RecordingListener) => WorkerPort;

/** A test that needs nothing but the way to open a port. */
export type Behaviour = (opener: Opener) => Promise<void>;

const OWN = new URL("../../worker.ts", import.meta.url);
const FAULTS = new URL("../fixtures/workers/faults.worker.ts", import.meta.url);
const THROWS = new URL("../fixtures/bad/throws.ts", import.meta.url);
const FLOOD = new URL("../fixtures/tasks/flood.ts", import.meta.url);
const NOWHERE = new URL("../fixtures/workers/nowhere.worker.ts", import.meta.url);

/** Runs a test with a worker, and ends the worker however the test ends. */
function withWorker(
  opener: Opener,
  url: URL,
  test: (port: WorkerPort, listener: RecordingListener) => Promise<void>,
): Promise<void> {
  return withListener(new RecordingListener(), opener, url, test);
}

async function withListener<L extends RecordingListener>(
  listener: L,
  opener: Opener,
  url: URL,
  test: (port: WorkerPort, listener: L) => Promise<void>,
): Promise<void> {
  const port = opener(url, url !== OWN, listener);
  try {
    await test(port, listener);
  } finally {
    port.terminate();
    port.close();
  }
}

/** What is done in a worker that nobody there catches. */
function uncaught(task: string, message: RegExp): Behaviour {
  return (opener) =>
    withWorker(opener, FAULTS, async (port, listener) => {
      port.post(init(), []);
      port.post(run(served(task), [1]), []);
      await until(() => listener.has("failed"));
      assert.match(Object(listener.failures[0]).message, message);
      port.terminate();
      await until(() => listener.has("ended"));
      assert.ok(listener.heard.indexOf("failed") < listener.heard.indexOf("ended"));
    });
}

/** Has a file opened that is no worker's. */
function failsToLoad(url: URL, message: RegExp): Behaviour {
  return (opener) =>
    withWorker(opener, url, async (port, listener) => {
      port.post(init(), []);
      await until(() => listener.has("failed"));
      assert.match(Object(listener.failures[0]).message, message);
      assert.deepEqual(listener.messages, []);
    });
}

/** What they do, by what the name of the test says of it. */
export const THREAD_BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  "connects a worker with the pool's own file at once": (opener) =>
    withWorker(opener, OWN, async (port, listener) => {
      port.post(init(), []);
      await until(() => listener.has("ready"));
      assert.deepEqual(listener.messages, [{ kind: "ready" }]);
    }),

  "keeps what it posts for a worker that is yet to serve": (opener) =>
    withWorker(opener, FAULTS, async (port, listener) => {
      port.post(init("crew-7"), []);
      port.post(run(served("workerName"), [0]), []);
      port.post(run(served("identity"), ["second"], { fn: 1 }), []);
      await until(() => listener.values.length === 2);
      assert.equal(listener.heard[0], "ready");
      assert.deepEqual(listener.values, ["crew-7", "second"]);
    }),

  "clones what it posts, and hands over what is to be transferred": (opener) =>
    withWorker(opener, OWN, async (port, listener) => {
      const list = [1];
      const { buffer } = new Uint8Array([7, 8]);
      port.post(init(), []);
      port.post(run("(value) => value", [list, buffer]), [buffer]);
      list.push(2);
      assert.equal(buffer.byteLength, 0);
      await until(() => listener.values.length === 2);
      assert.deepEqual(listener.values, [[1], new Uint8Array([7, 8]).buffer]);
    }),

  "refuses at once what cannot be cloned, and its worker goes on": (opener) =>
    withWorker(opener, OWN, async (port, listener) => {
      port.post(init(), []);
      const post = () => port.post(run("(value) => value", [() => 1]), []);
      assert.throws(post, { name: "DataCloneError" });
      port.post(run("(value) => value", [3]), []);
      await until(() => listener.values.length > 0);
      assert.deepEqual(listener.values, [3]);
    }),

  "tells of what a timer threw, and its process goes on": uncaught(
    "throwInTimer",
    /thrown in a timer/,
  ),

  "tells of a rejection that nobody handled, and its process goes on": uncaught(
    "rejectUnhandled",
    /rejected unheard/,
  ),

  "tells of a worker's file that throws": failsToLoad(THROWS, /thrown at import/),

  "tells of a worker's file that is not there": failsToLoad(
    NOWHERE,
    // A browser says no more.
    runtime === "browser" ? /did not load/ : /nowhere/,
  ),

  "tells of an end once, with the exit code where the runtime has it": (opener) =>
    withWorker(opener, FAULTS, async (port, listener) => {
      port.post(init(), []);
      port.post(run(served("exitProcess"), [7]), []);
      await until(() => listener.has("ended"));
      port.terminate();
      await settleDown();
      assert.deepEqual(listener.exitCodes, [hasSilentThreads ? undefined : 7]);
      assert.deepEqual(listener.failures, []);
    }),

  "hears what was sent before the end": (opener) =>
    withWorker(opener, OWN, async (port, listener) => {
      const source =
        "(n) => n < 3 ? n : new Promise(() => globalThis.process ? process.exit() : close())";
      port.post(init(), []);
      port.post(run(source, [1, 2, 3]), []);
      await until(() => listener.has("ended") && listener.has("ending"));
      assert.deepEqual(listener.values, [1, 2]);
    }),

  "is behind while there are more reports than a turn has time for": (opener) =>
    withListener(new SlowListener(), opener, OWN, async (port, listener) => {
      listener.port = port;
      assert.equal(port.isBehind, false);
      port.post(init(), []);
      port.post(run({ kind: "module", url: FLOOD.href, name: "flood" }, [{ count: 20 }]), []);
      await until(() => listener.has("results"));
      assert.ok(listener.wasBehind || hasFairTimers);
      assert.deepEqual(listener.reports, [...Array(20).keys()]);
      await until(() => !port.isBehind);
    }),

  "has a worker end itself that is told to stop, once what it ran has been heard": (opener) =>
    withWorker(opener, OWN, async (port, listener) => {
      port.post(init(), []);
      port.post(run("(n) => n", [1]), []);
      await until(() => listener.values.length > 0);
      port.post({ kind: "stop" }, []);
      await until(() => listener.has("ended"));
      assert.deepEqual(listener.exitCodes, [hasSilentThreads ? undefined : 0]);
      assert.deepEqual(listener.failures, []);
    }),

  "ends by terminate() a worker whose task never does, and tells of it once": (opener) =>
    withWorker(opener, FAULTS, async (port, listener) => {
      port.post(init(), []);
      port.post(run(served("hang"), [0], { tellsEachTask: true }), []);
      await until(() => listener.has("began"));
      port.terminate();
      await until(() => listener.has("ended"));
      port.terminate();
      await settleDown();
      assert.equal(listener.exitCodes.length, 1);
      assert.deepEqual(listener.failures, []);
    }),

  "lets no message be heard after close()": (opener) =>
    withWorker(opener, FAULTS, async (port, listener) => {
      const gate = makeGate();
      port.post(init(), []);
      port.post(run(served("waitAndExit"), [gate], { tellsEachTask: true }), []);
      await until(() => listener.has("began"));
      await arrivals(gate, 1);
      const { length } = listener.messages;
      port.close();
      // Its last words are that it ends, so that there is something to hear.
      open(gate);
      if (!hasSilentThreads) await until(() => listener.has("ended"));
      await settleDown();
      assert.equal(listener.messages.length, length);
    }),
};
