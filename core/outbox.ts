import { SerializationError } from "../errors.ts";
import { type CloneTest, describe, encodeError, type ErrorRecord } from "./error_codec.ts";
import type { FromWorker, WireChunk } from "./protocol.ts";
import { transferablesOf } from "./task_context.ts";

/** Results are kept back no longer than this, in ms. */
const FLUSH_MS = 0.5;

/** What tasks need of the thread that runs them. */
export interface RunnerHost {
  /**
   * Sends a message to the pool.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: FromWorker, transfer: readonly Transferable[]): void;
  /** Milliseconds since some moment. */
  now(): number;
  /** Whether the platform can clone a value. */
  readonly canClone: CloneTest;
  /** Makes the source of a task's signal. */
  newAbortController(): AbortController;
  /** Resolves when what tasks printed has been passed on; nothing where it is at once. */
  settleOutput?(): Promise<void> | undefined;
  /** Ends the thread. */
  stop(): void;
}

/** Collects the results of a chunk's tasks and sends them, many to a message if they come fast. */
export class Outbox {
  readonly #chunk: WireChunk;
  readonly #host: RunnerHost;
  #values: unknown[] = [];
  #errors: [number, ErrorRecord][] = [];
  #transfer: readonly Transferable[] = [];
  #from = 0;
  #lastFlush: number;

  constructor(chunk: WireChunk, host: RunnerHost) {
    this.#chunk = chunk;
    this.#host = host;
    this.#lastFlush = host.now();
  }

  /** Adds the value of the next task; one that hands something over travels alone. */
  addValue(value: unknown): void {
    const transferables = transferablesOf(value);
    if (transferables.length > 0) this.flush();
    this.#values.push(value);
    this.#transfer = transferables;
    if (transferables.length > 0) this.flush();
  }

  /** Adds the error of the next task. */
  addError(error: unknown): void {
    const position = this.#from + this.#values.length;
    this.#errors.push([position, encodeError(error, this.#host.canClone)]);
    this.#values.push(undefined);
  }

  /** Sends what has waited long enough. */
  flushIfDue(): void {
    if (this.#host.now() - this.#lastFlush >= FLUSH_MS) this.flush();
  }

  /** Sends what there is. */
  flush(): void {
    if (this.#values.length > 0) this.#send(false);
  }

  /** Sends the rest, and that the chunk is over. */
  end(): void {
    this.#send(true);
  }

  #send(ended: boolean): void {
    const now = this.#host.now();
    const message: FromWorker = {
      kind: "results",
      chunk: this.#chunk.id,
      from: this.#from,
      values: this.#values,
      errors: this.#errors,
      ended,
      elapsed: now - this.#lastFlush,
    };
    try {
      this.#host.post(message, this.#transfer);
    } catch (error) {
      this.#replaceUnclonable(error);
      return this.#send(ended);
    }
    this.#from += this.#values.length;
    this.#values = [];
    this.#errors = [];
    this.#transfer = [];
    this.#lastFlush = now;
  }

  /** One value that cannot be cloned must not take the others with it. */
  #replaceUnclonable(error: unknown): void {
    const { canClone } = this.#host;
    const suspects = [...this.#values.keys()].filter((at) => !canClone(this.#values[at]));
    // Each can be cloned by itself: it is the transfer list, or a getter that fails now and then.
    const culprits = suspects.length > 0 ? suspects : [...this.#values.keys()];
    const text = `Cannot send the task's result as it cannot be cloned: ${describe(error)}`;
    const record = encodeError(new SerializationError(text, { cause: error }), canClone);
    const positions = new Set(culprits.map((at) => this.#from + at));
    for (const at of culprits) this.#values[at] = undefined;
    this.#errors = this.#errors.filter(([position]) => !positions.has(position));
    for (const position of positions) this.#errors.push([position, record]);
    this.#transfer = [];
  }
}
