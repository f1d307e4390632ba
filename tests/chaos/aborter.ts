import type { AsyncResult } from "../../mod.ts";
import type { JobRecord } from "./record.ts";

/** Aborts one job when its plan says so. */
export class Aborter {
  /** What the job is submitted with, if a signal is to abort it. */
  readonly signal: AbortSignal | undefined;
  /** What is aborted, if its results are. */
  readonly results: AsyncResult<unknown>[] = [];
  readonly #record: JobRecord;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(record: JobRecord) {
    this.#record = record;
    const { how } = record.job.abort ?? {};
    if (how === "before") this.#abort();
    if (how === "before" || how === "signal") this.signal = this.#controller.signal;
  }

  /** The job was submitted. */
  submitted(): void {
    const { how, ms } = this.#record.job.abort ?? {};
    if (how !== "signal" && how !== "result") return;
    if (ms === undefined) this.#abort();
    else this.#timer = setTimeout(() => this.#abort(), ms);
  }

  /** The job is over. */
  over(): void {
    clearTimeout(this.#timer);
  }

  #abort(): void {
    const { reason } = this.#record;
    this.#record.aborted = true;
    this.#controller.abort(reason);
    for (const result of this.results) result.abort(reason);
  }
}
