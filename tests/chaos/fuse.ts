import type { AsyncResult } from "../../mod.ts";
import type { JobRecord } from "./record.ts";

/** Aborts one job when its plan says so. */
export class Fuse {
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
    if (how === "before") this.#goOff();
    if (how === "before" || how === "signal") this.signal = this.#controller.signal;
  }

  /** The job was submitted. */
  light(): void {
    const { how, ms } = this.#record.job.abort ?? {};
    if (how !== "signal" && how !== "result") return;
    if (ms === undefined) this.#goOff();
    else this.#timer = setTimeout(() => this.#goOff(), ms);
  }

  /** The job is over. */
  putOut(): void {
    clearTimeout(this.#timer);
  }

  #goOff(): void {
    const { reason } = this.#record;
    this.#record.aborted = true;
    this.#controller.abort(reason);
    for (const result of this.results) result.abort(reason);
  }
}
