import type { CallSite } from "../error_stack.ts";

/** How a job wants its tasks run. */
export interface JobPolicy {
  /** Higher goes first. */
  readonly priority: number;
  /** Milliseconds that each task may take. */
  readonly timeout: number | undefined;
  /** How often a task may be rerun after its worker died. */
  readonly retries: number;
  /** Tasks in one chunk, where the caller says so. */
  readonly chunkSize: number | undefined;
  /** Whether items are lists of arguments. */
  readonly spread: boolean;
  /** Whether an error ends its chunk. */
  readonly stopOnError: boolean;
  /** Whether an error ends the job. */
  readonly failFast: boolean;
  /** Outcomes that the collector may hold: an `imap` waits for its reader. */
  readonly bufferSize?: (() => number) | undefined;
  /** Room in that buffer below which no more tasks are given: few are not worth a message. */
  readonly leastRoom?: (() => number) | undefined;
  /** What of an item is handed over instead of copied. */
  readonly transfer?: ((item: unknown, index: number) => readonly Transferable[]) | undefined;
  /** Told of each chunk that is over. */
  readonly onProgress?:
    | ((progress: { done: number; total: number | undefined }) => void)
    | undefined;
  /** Told of what the tasks report. */
  readonly onReport?: ((value: unknown, index: number) => void) | undefined;
  /** Whether its waiting tasks count for `maxQueue`: lazy jobs wait outside. */
  readonly counted?: boolean | undefined;
  /** Whether each chunk belongs to one certain worker. */
  readonly bound?: boolean | undefined;
  /** Whether each value is wanted as soon as it is there, and not with those of its chunk. */
  readonly eager?: boolean | undefined;
  /** Whether its caller can abort it. */
  readonly abortable?: boolean | undefined;
  /** Runs the caller's own code in the async context of its call. */
  readonly context?: (<R>(code: () => R) => R) | undefined;
  /** Told when the job is over. */
  readonly onOver?: (() => void) | undefined;
  /** Where the job was submitted, for the stacks of its errors. */
  readonly callSite?: CallSite | undefined;
}

/** The policy of a plain call. */
export const PLAIN_POLICY: JobPolicy = {
  counted: true,
  eager: true,
  priority: 0,
  timeout: undefined,
  retries: 0,
  chunkSize: undefined,
  spread: true,
  stopOnError: false,
  failFast: false,
  // What is not said would be what the caller's code has given to all objects.
  bufferSize: undefined,
  leastRoom: undefined,
  transfer: undefined,
  onProgress: undefined,
  onReport: undefined,
  bound: undefined,
  abortable: undefined,
  context: undefined,
  onOver: undefined,
  callSite: undefined,
};
