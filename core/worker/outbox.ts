import { SerializationError } from "../../errors.ts";
import { describe, encodeError, type ErrorRecord } from "../wire/error_codec.ts";
import { isModest } from "../wire/contents.ts";
import { explainSlab, locate } from "../wire/refusal.ts";
import type { FromWorker, ResultsMessage, WireChunk } from "../wire/protocol.ts";
import type { SharedResults } from "../wire/shared_memory.ts";
import type { Gathered } from "../wire/gathered.ts";
import { transferablesOf } from "./task_context.ts";
import type { TaskScope } from "./thread_state.ts";

/** Results are kept back no longer than this, in ms. */
const FLUSH_MS = 0.5;

/** Tasks between two looks at the clock, at most: a look takes as long as several tiny tasks. */
const MAX_STRIDE = 32;

/** Tasks that are done within so many ms are tiny. */
const TINY_MS = 0.02;

/** What tasks need of the thread that runs them. */
export interface TaskThread {
  /**
   * Sends a message to the pool.
   *
   * @throws {DataCloneError} If something in it cannot be cloned.
   */
  post(message: FromWorker, transfer: readonly Transferable[]): void;
  /** Milliseconds since some moment. */
  now(): number;
  /** Resolves when what tasks printed has been passed on; nothing where it is at once. */
  settleOutput?(): Promise<void> | undefined;
  /** Ends the thread. */
  stop(): void;
  /** Where tasks run, if other code runs on the thread as well that must be told from them. */
  readonly scope?: TaskScope | undefined;
  /** Whether that is so because the thread is the caller's own. */
  readonly isShared?: boolean;
}

/** Collects the results of a chunk's tasks and sends them, many to a message if they come fast. */
export class Outbox {
  readonly #chunk: WireChunk;
  readonly #thread: TaskThread;
  readonly #results: SharedResults | undefined;
  /** Where the pool looks for values that are kept back, if it does. */
  readonly #shared: SharedResults | undefined;
  /** Whether it cannot see one of them there. */
  #isHidden = false;
  readonly #values: Gathered;
  #errors: [number, ErrorRecord][] = [];
  #transfer: readonly Transferable[] = [];
  #from = 0;
  #lastFlush: number;
  #lastLook: number;
  #stride = 1;
  #unseen = 0;

  /**
   * @param chunk Whose results they are.
   * @param thread What sends them.
   * @param values Where they are kept until then: empty, and used again for the next chunk.
   * @param results What the pool can look into, if it can.
   */
  constructor(chunk: WireChunk, thread: TaskThread, values: Gathered, results?: SharedResults) {
    this.#chunk = chunk;
    this.#thread = thread;
    this.#values = values;
    this.#results = results;
    this.#shared = chunk.eager ? results : undefined;
    this.#shared?.begin();
    this.#lastFlush = this.#lastLook = thread.now();
  }

  /** Adds the value of the next task; one that hands something over travels alone. */
  addValue(value: unknown): void {
    // Asked here as well, as the call takes Bun a fifth of a tiny task's time.
    if (typeof value === "object" || this.#transfer.length > 0) this.#setApart(value);
    if (this.#shared?.put(this.#from + this.#values.length, value) === false) this.#isHidden = true;
    this.#values.push(value);
  }

  #setApart(value: unknown): void {
    const transferables = transferablesOf(value);
    if (transferables.length > 0 || this.#transfer.length > 0) this.flush();
    this.#transfer = transferables;
  }

  /** Adds the error of the next task. */
  addError(error: unknown): void {
    if (this.#transfer.length > 0) this.flush();
    const position = this.#from + this.#values.length;
    this.#errors.push([position, encodeError(error)]);
    this.#shared?.omit(position);
    this.#isHidden = true;
    this.#values.push(undefined);
  }

  /** Sends what has waited long enough, or must not wait. */
  flushIfDue(): void {
    // The next task may take hours.
    if (this.#isHidden && this.#shared?.isHeard) return this.flush();
    if (++this.#unseen < this.#stride) return;
    const now = this.#thread.now();
    const isTiny = now - this.#lastLook < TINY_MS;
    this.#stride = isTiny ? Math.min(this.#stride * 2, MAX_STRIDE) : 1;
    this.#lastLook = now;
    this.#unseen = 0;
    if (now - this.#lastFlush >= FLUSH_MS) this.flush();
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
    const now = this.#thread.now();
    try {
      // Calls the values' getters, which may throw.
      const { packed, transfer, isShallow } = this.#values.wrap(this.#transfer);
      const isSafe = isShallow || !Array.isArray(packed) || packed.every(isModest);
      if (!isSafe && packed.length > 1) return this.#sendApart(undefined, ended);
      const message: ResultsMessage = {
        kind: "results",
        chunk: this.#chunk.id,
        from: this.#from,
        values: packed,
        errors: this.#errors,
        ended,
        elapsed: now - this.#lastFlush,
      };
      if (!isSafe) this.#thread.post(insteadOf(message), []);
      this.#thread.post(message, transfer);
    } catch (error) {
      return this.#sendApart(error, ended);
    }
    this.#results?.sent();
    this.#isHidden = false;
    this.#from += this.#values.length;
    this.#values.clear();
    this.#errors = [];
    this.#transfer = [];
    this.#lastFlush = now;
  }

  /**
   * One result that cannot be cloned, or read, must not take the others with
   * it: nothing but the attempt tells which.
   *
   * @param error Why they cannot be cloned together, if that is so.
   */
  #sendApart(error: unknown, ended: boolean): void {
    const values = this.#values.take();
    const errors = new Map(this.#errors);
    // That a result was refused can be sent everywhere: who refuses that as well refuses everything.
    if (values.length <= 1 && errors.size > 0) throw error;
    if (values.length === 1) errors.set(this.#from, refuse(values[0], this.#transfer, error));
    this.#transfer = [];
    for (const [at, value] of values.entries()) {
      const record = errors.get(this.#from);
      this.#values.push(record === undefined ? value : undefined);
      this.#errors = record === undefined ? [] : [[this.#from, record]];
      this.#send(ended && at === values.length - 1);
    }
  }
}

/** The error of a result that cannot be read; made once, as Bun takes milliseconds for a stack. */
let unreadable: ErrorRecord | undefined;

/** What stands for one result, if it cannot be read. */
function insteadOf(message: ResultsMessage): FromWorker {
  unreadable ??= encodeRefusal(
    "cannot be read by the caller's thread",
    new RangeError("nested too deeply, or too large"),
  );
  const errors = [[message.from, unreadable]] as const;
  return { kind: "instead", message: { ...message, values: [undefined], errors } };
}

/** The error of a result that cannot be sent, which says what of it cannot. */
function refuse(value: unknown, transfer: readonly unknown[], error: unknown): ErrorRecord {
  const slab = explainSlab(value, transfer);
  if (slab !== undefined) return encodeRefusal(`cannot be handed over, ${slab}`, error);
  const place = locate(value, "result");
  return encodeRefusal(`cannot be cloned${place === undefined ? "" : ` (${place})`}`, error);
}

function encodeRefusal(reason: string, cause: unknown): ErrorRecord {
  const text = `Cannot send the task's result as it ${reason}: ${describe(cause)}`;
  return encodeError(new SerializationError(text, { cause }));
}
