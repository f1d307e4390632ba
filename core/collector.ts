import type { Values } from "./packing.ts";

/** Where the outcomes of a job go. */
export interface Collector {
  /** Tasks in a row gave values, the first of them at an index. */
  fulfil(first: number, values: Values): void;
  /** A task failed. */
  reject(index: number, error: unknown): void;
  /** All tasks have their outcome; the input may have thrown after the last of them. */
  end(failure?: InputFailure): void;
  /** The job as a whole failed: it was aborted, or the pool cannot run it. */
  fail(error: unknown): void;
}

/** What the input of a job threw. */
export interface InputFailure {
  readonly error: unknown;
}

/** The two ends of a promise, as its executor gets them. */
export interface Settler<R> {
  /** Fulfils the promise. */
  readonly resolve: (value: R) => void;
  /** Rejects the promise. */
  readonly reject: (error: unknown) => void;
  /** Where the call was made, for the stack of its error. */
  readonly callSite?: Error;
  /** What must not be forgotten while somebody waits for the promise: it would be ended. */
  readonly holder?: object | undefined;
}
