import type { Death, Remedy } from "../ports.ts";
import { describe } from "../wire/error_codec.ts";

/** What a worker dies of, as far as it is heard. */
export class Demise {
  /** What went wrong first: the cause of all that follows. */
  #cause: { readonly cause: unknown; readonly remedy: Remedy | undefined } | undefined;
  /** What its own code was refused, and may not have caught. */
  #refusal: Error | undefined;

  /** Whether something has gone wrong of which it dies. */
  get isUnderWay(): boolean {
    return this.#cause !== undefined;
  }

  /** It dies of something; what can be done about that is known of some starts. */
  failed(cause: unknown, remedy?: Remedy): void {
    this.#cause ??= { cause, remedy };
  }

  /** Its own code was refused what would never end. */
  refused(error: unknown): void {
    if (error instanceof Error) this.#refusal ??= error;
  }

  /** What is known of its end, now that it has come. */
  of(end: Death): Death {
    const refusal = this.#refusal;
    if (refusal === undefined || !this.#isItself(refusal)) return { ...end, ...this.#cause };
    return { ...end, cause: refusal, isRefused: true };
  }

  /** Runtimes say of an uncaught error no more than its message, if anything. */
  #isItself({ message }: Error): boolean {
    return this.#cause === undefined || describe(this.#cause.cause).includes(message);
  }
}
