import { PoolTerminatedError } from "../../mod.ts";
import type { PlannedJob } from "./plan.ts";

/** What a caller got. */
export type Outcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: unknown };

/** What the caller of one job saw. */
export class JobRecord {
  readonly job: PlannedJob;
  /** What the job is aborted with. */
  readonly reason: Error;
  /** What its input throws. */
  readonly inputError: Error;
  /** Outcomes of single tasks: in their places, or, of an unordered `imap`, as they came. */
  readonly outcomes: (Outcome | undefined)[] = [];
  /** The error of the job as a whole. */
  whole: { readonly error: unknown } | undefined;
  /** Whether the abort went off. */
  aborted = false;
  /** Whether the reader left before the end. */
  left = false;
  /** When it was submitted, in ms. */
  submittedAt: number | undefined;
  over = false;
  /** How often each task reported. */
  readonly reports: Map<number, number> = new Map<number, number>();
  /** What was seen to be wrong at once. */
  readonly complaints: string[] = [];
  readonly #news: () => void;

  /**
   * @param job The job's plan.
   * @param news Called with each outcome.
   */
  constructor(job: PlannedJob, news: () => void) {
    this.job = job;
    this.reason = new Error(`job ${job.number} is aborted`);
    this.inputError = new Error(`the input of job ${job.number} throws`);
    this.#news = news;
  }

  /** Notes the outcome of the task at a place. */
  settle(at: number, outcome: Outcome): void {
    if (this.outcomes[at] !== undefined) this.complaints.push(`task ${at} has two outcomes`);
    this.outcomes[at] = outcome;
    this.#news();
  }

  /** Notes the value of the next task. */
  addValue(value: unknown): void {
    this.settle(this.outcomes.length, { kind: "value", value });
  }

  /** Notes the error of the next task, or of what ends an iterator. */
  addError(error: unknown): void {
    if (this.isEnd(error)) this.fail(error);
    else this.settle(this.outcomes.length, { kind: "error", error });
  }

  /** Notes the error of the whole job. */
  fail(error: unknown): void {
    if (this.whole !== undefined) this.complaints.push("the job has two errors");
    this.whole = { error };
    this.#news();
  }

  /** Notes a report, which has to be its task's own. */
  report(id: unknown, at: number): void {
    const task = this.job.tasks[at];
    if (task?.id !== id) this.complaints.push(`report ${id} came as that of task ${task?.id}`);
    this.reports.set(at, (this.reports.get(at) ?? 0) + 1);
    this.#news();
  }

  /** Whether an error ends a job as a whole, whatever its tasks do. */
  isEnd(error: unknown): boolean {
    return error === this.reason || error === this.inputError ||
      error instanceof PoolTerminatedError;
  }
}
