import type { Outbox } from "./outbox.ts";
import { isError } from "../error_stack.ts";
import { isFloats, restoreInts, unpack, type Values } from "../wire/packing.ts";
import type { WireChunk } from "../wire/protocol.ts";
import type { ClaimWords } from "../wire/shared_memory.ts";
import type { TaskCode } from "../wire/source_text.ts";
import type { LoadedFunction } from "./task_loader.ts";

/** Runs the tasks of one chunk, one by one. */
export class ChunkRun {
  /** What is run. */
  readonly chunk: WireChunk;
  readonly #fn: LoadedFunction;
  readonly #outbox: Outbox;
  readonly #claims: ClaimWords | undefined;
  readonly #items: Values;
  #begun = 0;
  #stopped = false;

  constructor(
    chunk: WireChunk,
    fn: LoadedFunction,
    outbox: Outbox,
    claims: ClaimWords | undefined,
  ) {
    this.chunk = chunk;
    this.#fn = fn;
    this.#outbox = outbox;
    this.#claims = claims;
    this.#items = itemsOf(chunk);
  }

  /** Position of the task that runs. */
  get position(): number {
    return this.#begun - 1;
  }

  /** Runs all tasks that may begin. */
  async toEnd(): Promise<void> {
    for (let promise = this.#toPromise(); promise !== undefined; promise = this.#toPromise()) {
      // Meanwhile the results before it need not wait.
      this.#outbox.flush();
      try {
        this.#outbox.addValue(await promise);
      } catch (error) {
        this.#fail(error);
      }
      this.#ended();
    }
  }

  /** Runs tasks until one has to be awaited: an await costs more than a small task. */
  #toPromise(): PromiseLike<unknown> | undefined {
    const { word, spread } = this.chunk;
    const { code } = this.#fn;
    const items = this.#items;
    while (this.#begun < items.length && !this.#stopped) {
      if (this.#claims?.begin(word) === false) return;
      const item = items[this.#begun++];
      try {
        const returned = spread ? callSpread(code, item) : code(item);
        if (isThenable(returned)) return returned;
        this.#outbox.addValue(returned);
      } catch (error) {
        this.#fail(error);
      }
      this.#ended();
    }
  }

  #fail(error: unknown): void {
    this.#outbox.addError(this.#fn.isInline ? explainScope(error) : error);
    this.#stopped = this.chunk.stopOnError;
  }

  /** A task has ended. */
  #ended(): void {
    const isLast = this.#begun === this.#items.length;
    // What an error leaves out has not begun: only behind the last task one more may be counted.
    if (isLast) this.#claims?.end(this.chunk.word);
    // The last result goes with the news that the chunk is over: its worker is free by then.
    if (this.#stopped || isLast) return;
    if (this.chunk.tellsEachTask) this.#outbox.flush();
    else this.#outbox.flushIfDue();
  }
}

function itemsOf(chunk: WireChunk): Values {
  const items = unpack(chunk.items);
  return isFloats(items) ? restoreInts(items) : items;
}

/** A list of arguments that cannot be spread throws here, and so fails its own task. */
function callSpread(code: TaskCode, list: unknown): unknown {
  return code(...list as unknown[]);
}

/** Whether something is to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

/** An inline function that reaches outside itself finds nothing: the engine cannot say why. */
function explainScope(error: unknown): unknown {
  try {
    if (isError(error) && error.name === "ReferenceError") {
      // Coverage tools and compilers put calls of their own into functions.
      const isTools = /^(__|cov_)/.test(nameIn(error.message));
      error.message += isTools
        ? ". A tool put that there, which an inline function, sent as source text, goes without: " +
          "export the function from a module"
        : ". An inline function is sent to its worker as source text, without the variables " +
          "around it: pass them as arguments, or export the function from a module";
    }
  } catch {
    // It does not let itself be changed, or even looked at: it goes as it is.
  }
  return error;
}

/** The name that is not there: "x is not defined" on V8, "Can't find variable: x" on others. */
function nameIn(message: string): string {
  return /^(?:Can't find variable: )?([\p{ID_Continue}$]+)/u.exec(message)?.[1] ?? "";
}
