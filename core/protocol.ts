import type { ErrorRecord } from "./error_codec.ts";
import type { TaskRef } from "./task_ref.ts";

/** Tasks of one job that go to a worker together. */
export interface WireChunk {
  /** Names the chunk in replies; unique within its worker. */
  readonly id: number;
  /** Its claim word; see {@linkcode Claims}. */
  readonly word: number;
  /** The function, by number. */
  readonly fn: number;
  /** Where the function is, the first time that this worker hears of it. */
  readonly ref: TaskRef | undefined;
  /** One item for each task. */
  readonly items: readonly unknown[];
  /** Whether an item is the function's list of arguments, or its one argument. */
  readonly spread: boolean;
  /** Whether an error ends the chunk, as in Python's `map`. */
  readonly stopOnError: boolean;
  /** Whether the caller must learn at once when a task begins and ends. */
  readonly prompt: boolean;
}

/** What the pool says to a worker. */
export type ToWorker =
  | {
    readonly kind: "init";
    readonly workerName: string;
    readonly memory: SharedArrayBuffer | undefined;
    readonly initializer: { readonly ref: TaskRef; readonly args: readonly unknown[] } | undefined;
  }
  | { readonly kind: "run"; readonly chunks: readonly WireChunk[] }
  | { readonly kind: "abort"; readonly chunk: number; readonly reason: ErrorRecord }
  | { readonly kind: "stop" };

/** Results of a chunk, in order; those of the errors are `undefined` in `values`. */
export interface ResultsMessage {
  readonly kind: "results";
  readonly chunk: number;
  /** Position in the chunk of the first value. */
  readonly from: number;
  readonly values: readonly unknown[];
  readonly errors: readonly (readonly [position: number, error: ErrorRecord])[];
  /** Whether the chunk is over, even if some of its tasks did not run. */
  readonly ended: boolean;
  /** Milliseconds that these tasks took. */
  readonly elapsed: number;
}

/** What a worker says to the pool. */
export type FromWorker =
  | { readonly kind: "initializing" }
  | { readonly kind: "ready" }
  | { readonly kind: "initFailed"; readonly error: ErrorRecord }
  | { readonly kind: "loading"; readonly chunk: number }
  | { readonly kind: "loadFailed"; readonly chunk: number; readonly error: ErrorRecord }
  | { readonly kind: "began"; readonly chunk: number }
  | ResultsMessage
  | {
    readonly kind: "report";
    readonly chunk: number;
    readonly position: number;
    readonly value: unknown;
  };

/** What either side says on the worker's global scope, before they have a port of their own. */
export type Handshake =
  | Connect
  | { readonly polypool: "serving" }
  | { readonly polypool: "locked" };

/** The pool's first word to a worker. */
export interface Connect {
  readonly polypool: "connect";
  /** The worker's end of their own channel. */
  readonly port: MessagePort;
  /** Name of the lock that the worker holds while it lives. */
  readonly lock: string;
}

/** Tells a message of the handshake from whatever else a worker's scope may carry. */
export function isHandshake(data: unknown): data is Handshake {
  return isRecord(data) && typeof data["polypool"] === "string";
}

/** The one look at what a worker sent, before it is used. */
export function isFromWorker(data: unknown): data is FromWorker {
  if (!isRecord(data)) return false;
  const { kind } = data;
  if (kind === "ready" || kind === "initializing") return true;
  if (kind === "initFailed") return isErrorRecord(data["error"]);
  if (typeof data["chunk"] !== "number") return false;
  switch (kind) {
    case "loading":
    case "began":
      return true;
    case "loadFailed":
      return isErrorRecord(data["error"]);
    case "report":
      return isPosition(data["position"]);
    case "results":
      return isResults(data);
    default:
      return false;
  }
}

function isResults(data: Record<string, unknown>): boolean {
  return isPosition(data["from"]) && Array.isArray(data["values"]) &&
    Array.isArray(data["errors"]) && data["errors"].every(isErrorEntry) &&
    typeof data["ended"] === "boolean" && typeof data["elapsed"] === "number";
}

function isErrorEntry(entry: unknown): boolean {
  return Array.isArray(entry) && isPosition(entry[0]) && isErrorRecord(entry[1]);
}

function isErrorRecord(data: unknown): boolean {
  return isRecord(data) && isRecord(data["root"]) && Array.isArray(data["nodes"]);
}

function isPosition(data: unknown): boolean {
  return typeof data === "number" && Number.isInteger(data) && data >= 0;
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null;
}

/** Turns a forgotten kind of message into a compile error. */
export function unreachable(value: never): never {
  throw new TypeError(`Cannot handle a message as its kind is unknown: ${JSON.stringify(value)}`);
}
