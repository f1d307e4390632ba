import { isOpen, open } from "../fixtures/gate.ts";
import type { Transcript } from "./chaos.ts";
import { describePending } from "./describe.ts";
import { isWanting, mostWaiting } from "./waits.ts";

/** Longest that what waits for nothing may take, in ms: for the run, and for each task. */
const LIMIT = { run: 10_000, task: 5 };

/** How often that is looked at, in ms. */
const LOOK_MS = 100;

/** Keeps the gate shut until all is settled that needs no task which waits there. */
export class Gatekeeper {
  readonly #run: Transcript;
  readonly #complain: (complaint: string) => void;
  readonly #timer = setInterval(() => this.#look(), LOOK_MS);
  readonly #limit: number;
  /** When no task waited last that an idle worker could have run. */
  #fairAt = performance.now();

  /**
   * @param run The run.
   * @param complain Called with what is late, if anything is: then the gate opens.
   */
  constructor(run: Transcript, complain: (complaint: string) => void) {
    this.#run = run;
    this.#complain = complain;
    this.#limit = LIMIT.run + LIMIT.task * run.plan.size;
  }

  /** All jobs are submitted: opens the gate when nothing is left to be done beside it. */
  async end(): Promise<void> {
    const { ledger, records } = this.#run;
    const isMissing = () => records.some((record) => isWanting(this.#run, record));
    while (!isOpen(ledger.gate) && (isMissing() || this.#isCrowded)) {
      await new Promise((wake) => setTimeout(wake, 5));
    }
    this.stop();
  }

  /** Opens the gate at once. */
  stop(): void {
    clearInterval(this.#timer);
    open(this.#run.ledger.gate);
  }

  /** Whether more tasks wait than may. */
  get #isCrowded(): boolean {
    return this.#run.stats.queued > mostWaiting(this.#run);
  }

  #look(): void {
    const { plan, records, stats } = this.#run;
    const now = performance.now();
    if (stats.busy >= plan.workers || !this.#isCrowded) this.#fairAt = now;
    const late = records.find((record) =>
      now - (record.submittedAt ?? now) > this.#limit && isWanting(this.#run, record)
    );
    if (late !== undefined) this.#giveUp(`${late.job.kind} (job ${late.job.number}) has`);
    else if (now - this.#fairAt > this.#limit) {
      this.#giveUp(`more than ${mostWaiting(this.#run)} tasks have`);
    }
  }

  #giveUp(who: string): void {
    const pending = describePending(this.#run);
    this.#complain(`${who} waited ${this.#limit} ms beside tasks that do not end: ${pending}`);
    this.stop();
  }
}
