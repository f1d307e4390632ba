import { Clock } from "./clock.ts";
import { type Handshake, holdLifeLock, isConnect } from "./handshake.ts";
import { type Link, listen, send } from "./port.ts";
import {
  isNode,
  nextTurn,
  nodeProcess,
  type NodeStream,
  type NodeWorkerThreads,
  nodeWorkerThreads,
  timers,
} from "./platform.ts";

/** A worker's thread, as the code in it sees it. */
export interface WorkerScope {
  /**
   * Calls back once, with the worker's end of the pool's channel. What is returned is
   * called when the thread's own code ends it, and may still send messages.
   */
  onConnect(listener: (pool: Link) => () => void): void;
  /** Tells the pool that a worker of its caller's is ready to be connected. */
  announce(): void;
  /** Resolves when what the thread printed has left it; nothing where it does at once. */
  settleOutput?(): Promise<void> | undefined;
  /** Ends the thread, once its output is written. */
  stop(): void;
}

/** What a worker's global scope has on the web's side; the standard library knows windows only. */
interface WebScope {
  addEventListener(type: "unload", listener: () => void): void;
  addEventListener(
    type: "unhandledrejection",
    listener: (event: PromiseRejectionEvent) => void,
  ): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  postMessage(message: unknown): void;
  close?(): void;
}

/** The scope of this thread, if it is a worker: no single question says so on all runtimes. */
export function workerScope(): WorkerScope | undefined {
  if (isNode()) {
    const threads = nodeWorkerThreads();
    return threads === undefined || threads.isMainThread ? undefined : nodeScope(threads);
  }
  const scope = globalThis as unknown as WebScope;
  const { WorkerGlobalScope } = globalThis as { WorkerGlobalScope?: new () => unknown };
  if (WorkerGlobalScope !== undefined) {
    return globalThis instanceof WorkerGlobalScope ? webScope(scope) : undefined;
  }
  // Bun: to ask its `node:worker_threads` would take as long as the rest of the worker's start.
  const { Bun } = globalThis as { Bun?: { readonly isMainThread: boolean } };
  return Bun === undefined || Bun.isMainThread ? undefined : webScope(scope);
}

function webScope(scope: WebScope): WorkerScope {
  let held = Promise.resolve();
  return {
    onConnect(listener) {
      scope.addEventListener("message", function connect({ data }: MessageEvent) {
        if (!isConnect(data)) return;
        scope.removeEventListener("message", connect);
        const say = (message: Handshake) => data.port.postMessage(message);
        held = holdLifeLock(data.lock, () => say({ polypool: "locked" }));
        const finish = listener(linkTo(data.port));
        onExit(scope, () => {
          finish();
          say({ polypool: "ending" });
        });
        reportRejections(scope);
      });
    },
    announce: () => scope.postMessage({ polypool: "serving" } satisfies Handshake),
    // The pool would not hear of an end that comes before the lock is held. Where there is a process,
    // close() would not tell those who wait for its end.
    stop: () => void held.then(() => nodeProcess() === undefined ? scope.close?.() : exitNode()),
  };
}

function linkTo(port: MessagePort): Link {
  return {
    post: (message, transfer) => send(port, message, transfer),
    listen: (onMessage, onUnreadable) => void listen(port, onMessage, onUnreadable),
  };
}

/** Calls back, once, when a worker of the web's kind is ended by its own code. */
function onExit(scope: WebScope, onEnd: () => void): void {
  let isEnding = false;
  const listener = () => {
    if (!isEnding) onEnd();
    isEnding = true;
  };
  // Deno takes longer to make a process than for all else at a worker's start, and tells of both
  // ways to exit by an event of its own.
  if ("Deno" in globalThis) scope.addEventListener("unload", listener);
  else nodeProcess()?.on("exit", listener);
  const { close } = scope;
  if (close === undefined) return;
  // And close() nowhere at all.
  scope.close = () => {
    listener();
    close.call(scope);
  };
}

/** In a browser an unhandled rejection does not end the worker: only an error thrown is heard of. */
function reportRejections(scope: WebScope): void {
  scope.addEventListener("unhandledrejection", (event) => {
    nextTurn(() => {
      if (!event.defaultPrevented) throw event.reason;
    });
  });
}

function nodeScope({ parentPort }: NodeWorkerThreads): WorkerScope {
  // Before tasks can put others in their place.
  timers();
  return {
    onConnect(listener) {
      parentPort?.on("message", function connect(data) {
        if (!isConnect(data)) return;
        parentPort.off("message", connect);
        nodeProcess()?.on("exit", listener(linkTo(data.port)));
      });
    },
    announce: () => parentPort?.postMessage({ polypool: "serving" } satisfies Handshake),
    settleOutput: settleNodeOutput,
    stop: exitNode,
  };
}

/** How long output may wait to be taken, in ms: perhaps nobody reads it. */
const OUTPUT_MS = 250;

/** Whether output was waited for in vain, and waits still. */
let isStuck = false;

/** Node's workers print through the main thread, which drops what it has not got when it ends. */
function settleNodeOutput(): Promise<void> | undefined {
  const { stdout, stderr } = nodeProcess() ?? {};
  const waiting = [stdout, stderr].filter((stream) => stream && isOnItsWay(stream));
  if (waiting.length === 0) isStuck = false;
  if (waiting.length === 0 || isStuck) return undefined;
  const written = waiting.map((stream) => new Promise((resolve) => stream?.write("", resolve)));
  return new Promise((resolve) => {
    const clock = new Clock();
    clock.start(OUTPUT_MS, () => {
      isStuck = true;
      resolve();
    });
    Promise.all(written).then(() => {
      isStuck = false;
      clock.stop();
      resolve();
    });
  });
}

/** What a task holds back itself, or has ended, is its own affair. */
function isOnItsWay({ writable, writableLength, writableCorked }: NodeStream): boolean {
  return writable && writableLength > 0 && writableCorked === 0;
}

function exitNode(): void {
  nodeProcess()?.exit(0);
}
