import type { TestResult, Told } from "./report.ts";

/** Longest that a page may say nothing, in ms: each of its tests has less. */
const MAX_SILENCE = 90_000;

/** One test file in one page, as it tells of itself. */
export class Visit {
  readonly #results: TestResult[] = [];
  readonly #over = Promise.withResolvers<void>();
  #current = "loading the file";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#wait();
  }

  /** Hears what the page tells. */
  hear(told: Told): void {
    this.#wait();
    if (told.kind === "began") this.#current = told.test;
    if (told.kind === "ended") this.#results.push(told.result);
    if (told.kind === "over") this.#end();
  }

  /** Ends it for want of the page. */
  fail(reason: string): void {
    this.#results.push({ path: [this.#current], outcome: "failed", reason, seconds: 0 });
    this.#end();
  }

  /** What came of it: a file without tests has failed. */
  async results(): Promise<readonly TestResult[]> {
    await this.#over.promise;
    if (this.#results.length === 0) this.fail("there is no test in it");
    return this.#results;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail("the page says no more"), MAX_SILENCE);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#over.resolve();
  }
}
