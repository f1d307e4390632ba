/**
 * What each library has to be able to do to be measured.
 *
 * @module
 */

/** Where a contestant runs. */
export type Runtime = "node24" | "bun" | "deno";

/** A function of `tasks.js`. */
export type TaskName = keyof typeof import("./tasks.js");

/** Who is measured, and where. */
export interface Entrant {
  readonly name: string;
  /** "peer": another pool; "floor": workers, no pool; "serial": no worker; "subject": polypool. */
  readonly kind: "subject" | "peer" | "floor" | "serial" | "other language";
  /** Where it can be used at all. */
  readonly runtimes: readonly Runtime[];
  /** Why it does not take part, by "workload" or "workload:runtime". */
  readonly cannot: Readonly<Partial<Record<string, string>>>;
  /** Whether it does jobs, and no other workloads. */
  readonly isForJobs?: boolean;
}

/** A way to run tasks in two workers. */
export interface Contestant extends Entrant {
  open(workers: number): Promise<OpenPool>;
}

/** A pool that takes tasks; its workers may still be starting. */
export interface OpenPool {
  /** Waits until all workers are up, where the library has a way; tasks warm them up afterwards. */
  ready?(): Promise<void>;
  /**
   * Submits one task as a user of this library would. With a transfer list the result, which is
   * the argument, is handed over as well where the library can.
   */
  call(
    task: TaskName,
    argument: unknown,
    transfer?: readonly Transferable[],
  ): Promise<unknown>;
  /** The library's own ordered map that sends items in chunks. */
  map?(task: TaskName, items: Iterable<unknown>): Promise<unknown[]>;
  /** The library's own map that makes a task of each item; without it each item is a `call`. */
  mapEach?(task: TaskName, items: readonly unknown[]): Promise<unknown[]>;
  /** The library's own ordered stream of results, which reads its input as the reader goes on. */
  imap?(task: TaskName, items: Iterable<unknown>): AsyncIterable<unknown>;
  /** Runs a task over a whole array in one worker: a hand-made chunk. */
  callOnAll(task: TaskName, items: readonly unknown[]): Promise<unknown[]>;
  close(): Promise<void>;
}

/** The quick mode is smaller; the cold one has what counts of a process's first calls. */
export type Mode = "quick" | "full" | "cold";

/** What one process measured; units are in the names. */
export type Metrics = Readonly<Record<string, number>>;

/** One line of the results. */
export interface Line {
  /** "python" is listed as a runtime of its own. */
  readonly runtime: Runtime | "python";
  readonly workload: string;
  readonly contestant: string;
  readonly mode: Mode;
  readonly round: number;
  /** There unless it failed. */
  readonly metrics?: Metrics;
  readonly error?: string;
  /** Whether it was killed, as it took too long. */
  readonly isLate?: boolean;
}
