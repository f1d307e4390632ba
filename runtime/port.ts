import { Assembly, takeApart } from "./lists.ts";
import { isNode } from "./platform.ts";
import type { FromWorker, ToWorker } from "../core/wire/protocol.ts";

/** A worker as the pool sees it, whatever it runs on. */
export interface WorkerPort {
  /**
   * Sends a message.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: ToWorker, transfer: readonly Transferable[]): void;
  /** Whether something that the worker sent may have arrived and waits to be handled. */
  readonly isBehind: boolean;
  /** Makes the worker keep the process alive. */
  hold(): void;
  /** Lets the process end while the worker lives, where the runtime can. */
  release(): void;
  /** Ends the thread, or tries to: its listener hears when it has ended. */
  terminate(): void;
  /** Hears nothing more. */
  close(): void;
}

/** What is heard of a worker. */
export interface WorkerListener {
  /** The worker sent something. */
  message(data: unknown): void;
  /** The worker sent something that cannot be read. */
  unreadable(): void;
  /** An error in the worker was not caught. */
  failed(cause: unknown): void;
  /** The thread has ended; what it sent before may still be on its way. */
  ended(exitCode: number | undefined): void;
}

/** As much of a worker as the pool needs of one that its caller makes; see `PoolOptions.worker`. */
export interface WorkerLike {
  /** Sends a message to the worker. */
  postMessage(message: unknown): void;
  /** Ends the worker. */
  terminate(): unknown;
}

/** A timer, worker or port that may let the process end, on the runtimes that have such. */
export interface Refable {
  /** Keeps the process alive. */
  ref(): void;
  /** Lets the process end. */
  unref(): void;
}

/** Whether something can let the process end. */
export function isRefable(value: unknown): value is Refable {
  return typeof value === "object" && value !== null && "unref" in value &&
    typeof value.unref === "function";
}

/** What can hold messages back that have arrived, where the platform can. */
export interface Flow {
  /** Lets no message come any more after the one at hand. */
  stop(): void;
  /** Lets them come again. */
  start(): void;
}

/** The worker's end of the channel that it has with its pool. */
export interface Link {
  /**
   * Sends a message.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: FromWorker, transfer: readonly Transferable[]): void;
  /** Hears what the pool sends, and of what arrives and cannot be read. */
  listen(onMessage: (data: unknown) => void, onUnreadable: () => void): void;
}

/** What Node's ports can besides. */
interface NodePort {
  on(event: "message" | "messageerror", listener: (data: unknown) => void): void;
  off(event: "message", listener: (data: unknown) => void): void;
}

/** Only there it is worth while to send lists as messages of their own. */
const isBun = "Bun" in globalThis;

/**
 * Sends a message through a port.
 *
 * @throws {DataCloneError} If something in it cannot be cloned.
 */
export function send(
  port: MessagePort,
  message: FromWorker | ToWorker,
  transfer: readonly Transferable[],
): void {
  const parts = isBun ? takeApart(message, transfer.length > 0) : undefined;
  for (const list of parts?.lists ?? []) port.postMessage(list);
  port.postMessage(parts === undefined ? message : parts.rest, [...transfer]);
}

/**
 * Hears what comes through a port: in Node's own way, where there is one, as
 * each web event costs it more than the message, and the first one 15 ms.
 *
 * @param onMessage Gets what was sent.
 * @param onUnreadable Called for what arrived and cannot be read.
 * @returns What holds the rest back, where that is possible: Node hands over all that has come in
 * one turn.
 */
export function listen(
  port: MessagePort,
  onMessage: (data: unknown) => void,
  onUnreadable: () => void,
): Flow | undefined {
  if (!isNodePort(port)) {
    // What Chromium cannot read it hands over as `null`, and calls no error; nobody sends that.
    const assembly = isBun ? new Assembly() : undefined;
    port.onmessage = ({ data }) => {
      if (data === null) return onUnreadable();
      const message = assembly === undefined ? data : assembly.take(data);
      if (message !== undefined) onMessage(message);
    };
    port.onmessageerror = onUnreadable;
    return undefined;
  }
  port.on("messageerror", onUnreadable);
  const start = () => port.on("message", onMessage);
  start();
  return { start, stop: () => port.off("message", onMessage) };
}

/** Deno's ports get the same methods once a module of Node's is loaded, but hold nothing back. */
function isNodePort(port: object): port is NodePort {
  return "on" in port && typeof port.on === "function" && isNode();
}
