import { type Handshake, isHandshake } from "../core/protocol.ts";
import { holdLifeline } from "./lifeline.ts";
import { nodeProcess, type NodeWorkerThreads, nodeWorkerThreads } from "./node.ts";

/** A worker's thread, as the code in it sees it. */
export interface WorkerScope {
  /** Calls back once, with the worker's end of the pool's channel. */
  onConnect(listener: (port: MessagePort) => void): void;
  /** Tells the pool that a worker of its caller's is ready to be connected. */
  announce(): void;
  /** Calls back when the thread's own code ends it, which may still send messages. */
  onExit(listener: () => void): void;
  /** Resolves when what the thread printed has left it; nothing where it does at once. */
  settleOutput?(): Promise<void> | undefined;
  /** Ends the thread, once its output is written. */
  stop(): void;
}

/** What a worker's global scope has on the web's side; the standard library knows windows only. */
interface WebScope {
  addEventListener(type: "unload", listener: () => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  postMessage(message: unknown): void;
  close?(): void;
}

/** The scope of this thread, if it is a worker: no single question says so on all runtimes. */
export function workerScope(): WorkerScope | undefined {
  const scope = globalThis as unknown as WebScope;
  const { WorkerGlobalScope } = globalThis as { WorkerGlobalScope?: new () => unknown };
  if (WorkerGlobalScope !== undefined) {
    return globalThis instanceof WorkerGlobalScope ? webScope(scope) : undefined;
  }
  const threads = nodeWorkerThreads();
  if (threads === undefined || threads.isMainThread) return undefined;
  return "postMessage" in globalThis ? webScope(scope) : nodeScope(threads);
}

function webScope(scope: WebScope): WorkerScope {
  let held = Promise.resolve();
  return {
    onConnect(listener) {
      scope.addEventListener("message", function connect({ data }: MessageEvent) {
        if (!isHandshake(data) || data.polypool !== "connect") return;
        scope.removeEventListener("message", connect);
        held = holdLifeline(data.lock, () => scope.postMessage({ polypool: "locked" }));
        listener(data.port);
      });
    },
    announce: () => scope.postMessage({ polypool: "serving" } satisfies Handshake),
    onExit(listener) {
      nodeProcess()?.on("exit", listener);
      // Deno.exit() is heard nowhere else.
      scope.addEventListener("unload", listener);
    },
    // Nobody would hear of an end that comes before the lock is held. Bun has no close().
    stop: () => void held.then(() => scope.close === undefined ? exitNode() : scope.close()),
  };
}

function nodeScope({ parentPort }: NodeWorkerThreads): WorkerScope {
  return {
    onConnect(listener) {
      parentPort?.on("message", function connect(data) {
        if (!isHandshake(data) || data.polypool !== "connect") return;
        parentPort.off("message", connect);
        listener(data.port);
      });
    },
    announce: () => parentPort?.postMessage({ polypool: "serving" } satisfies Handshake),
    onExit: (listener) => nodeProcess()?.on("exit", listener),
    settleOutput: settleNodeOutput,
    stop: exitNode,
  };
}

/** Node's workers print through the main thread, which drops what it has not got when it ends. */
function settleNodeOutput(): Promise<void> | undefined {
  const { stdout, stderr } = nodeProcess() ?? {};
  const waiting = [stdout, stderr].filter((stream) => stream && stream.writableLength > 0);
  if (waiting.length === 0) return undefined;
  const written = waiting.map((stream) => new Promise((resolve) => stream?.write("", resolve)));
  return Promise.all(written).then(() => {});
}

function exitNode(): void {
  nodeProcess()?.exit(0);
}
