import { isSharedArrayBuffer } from "../brands.ts";
import { type ErrorRecord, isErrorRecord } from "./error_codec.ts";
import { isPacked, type Packed } from "./packing.ts";
import {
  isAnything,
  isCount,
  isFlag,
  isRecord,
  isText,
  listOf,
  oneOf,
  optional,
  shaped,
  type Shapes,
} from "./shapes.ts";
import { MAX_CHUNK } from "./shared_memory.ts";
import { isTaskRef, type TaskRef } from "./task_ref.ts";

/** Tasks of one job that go to a worker together. */
export interface WireChunk {
  /** Names the chunk in replies; unique within its worker. */
  readonly id: number;
  /** Its claim word; see {@linkcode ClaimWords}. */
  readonly word: number;
  /** The place in the worker where it keeps the function. */
  readonly fn: number;
  /** Where the function is, the first time that this worker hears of it: it takes the place. */
  readonly ref: TaskRef | undefined;
  /** One item for each task. */
  readonly items: Packed;
  /** Whether an item is the function's list of arguments, or its one argument. */
  readonly spread: boolean;
  /** Whether an error ends the chunk, as in Python's `map`. */
  readonly stopOnError: boolean;
  /** Whether the caller must learn at once when a task begins and ends. */
  readonly tellsEachTask: boolean;
  /** Whether each value is wanted as soon as it is there. */
  readonly eager?: boolean | undefined;
}

/** What the pool says to a worker. */
export type ToWorker =
  | {
    readonly kind: "init";
    readonly workerName: string;
    readonly memory: SharedArrayBuffer | undefined;
    /** The task modules of the pools above the worker. */
    readonly modules: readonly string[];
    /** What is imported before the worker is ready. */
    readonly startModule?: string | undefined;
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
  readonly values: Packed;
  readonly errors: readonly (readonly [position: number, error: ErrorRecord])[];
  /** Whether the chunk is over, even if some of its tasks did not run. */
  readonly ended: boolean;
  /** Milliseconds that these tasks took. */
  readonly elapsed: number;
}

/** What a worker says to the pool. */
export type FromWorker =
  | { readonly kind: "importing" }
  | { readonly kind: "importFailed" }
  | { readonly kind: "initializing" }
  | { readonly kind: "ready" }
  | { readonly kind: "initFailed"; readonly error: ErrorRecord }
  /** Code in the worker that is no task's wanted a pool of a module that has one already. */
  | { readonly kind: "refused"; readonly error: ErrorRecord }
  | { readonly kind: "loading"; readonly chunk: number }
  | { readonly kind: "loadFailed"; readonly chunk: number; readonly error: ErrorRecord }
  | { readonly kind: "began"; readonly chunk: number }
  /** The worker ends; it has sent the results of all tasks before the one that runs. */
  | { readonly kind: "ending"; readonly chunk: number }
  | ResultsMessage
  | {
    readonly kind: "report";
    readonly chunk: number;
    readonly position: number;
    readonly value: unknown;
  }
  | ReportFailedMessage
  /** The next message may be unreadable: then this one stands for it. */
  | { readonly kind: "instead"; readonly message: ResultsMessage | ReportFailedMessage }
  /** A message of the pool, by its number among them, cannot be read. */
  | { readonly kind: "unreadable"; readonly message: number };

/** What a task reported is lost. */
interface ReportFailedMessage {
  readonly kind: "reportFailed";
  readonly chunk: number;
  readonly error: ErrorRecord;
}

/** Whether a message says that it is a report: those alone come in any number. */
export function isReport(message: unknown): boolean {
  return isRecord(message) && Object.hasOwn(message, "kind") && message["kind"] === "report";
}

const isErrorEntry = (value: unknown) =>
  Array.isArray(value) && isCount(value[0]) && isErrorRecord(value[1]);

const REPLACEABLE: Shapes<ResultsMessage | ReportFailedMessage> = {
  results: {
    chunk: isCount,
    from: isCount,
    values: isBatch,
    errors: listOf(isErrorEntry),
    ended: isFlag,
    elapsed: isDuration,
  },
  reportFailed: { chunk: isCount, error: isErrorRecord },
};

/** The one look at what a worker sent, before it is used: a task may have had its hands on it. */
export const isFromWorker: (data: unknown) => data is FromWorker = oneOf<FromWorker>({
  ...REPLACEABLE,
  importing: {},
  importFailed: {},
  initializing: {},
  ready: {},
  initFailed: { error: isErrorRecord },
  refused: { error: isErrorRecord },
  loading: { chunk: isCount },
  loadFailed: { chunk: isCount, error: isErrorRecord },
  began: { chunk: isCount },
  ending: { chunk: isCount },
  report: { chunk: isCount, position: isCount, value: isAnything },
  instead: { message: oneOf<ResultsMessage | ReportFailedMessage>(REPLACEABLE) },
  unreadable: { message: isCount },
});

const isChunk = shaped<WireChunk>({
  id: isCount,
  word: isCount,
  fn: isCount,
  ref: optional(isTaskRef),
  items: isBatch,
  spread: isFlag,
  stopOnError: isFlag,
  tellsEachTask: isFlag,
  eager: optional(isFlag),
});

/** The one look at what the pool sent. */
export const isToWorker: (data: unknown) => data is ToWorker = oneOf<ToWorker>({
  init: {
    workerName: isText,
    memory: optional(isSharedArrayBuffer),
    modules: listOf(isText),
    startModule: optional(isText),
    initializer: optional(shaped({ ref: isTaskRef, args: Array.isArray })),
  },
  run: { chunks: listOf(isChunk) },
  abort: { chunk: isCount, reason: isErrorRecord },
  stop: {},
});

/** What kind of message something wants to be, in a few characters: it may be of any size. */
export function kindOf(data: unknown): string {
  const kind = isRecord(data) ? data["kind"] : undefined;
  return isText(kind) ? kind.slice(0, 20) : typeof data;
}

/** Any values, as many as a chunk may have. */
function isBatch(value: unknown): boolean {
  return isPacked(value, MAX_CHUNK);
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** Turns a forgotten kind of message into a compile error. */
export function unreachable(value: never): never {
  throw new TypeError(`Cannot handle a message as its kind is unknown: ${JSON.stringify(value)}`);
}
