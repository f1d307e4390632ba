import { isError } from "../error_stack.ts";
import { describe } from "../wire/error_codec.ts";
import { compile, type TaskCode } from "../wire/source_text.ts";
import { keyOf, type TaskRef } from "../wire/task_ref.ts";
import { lookUp } from "./task_lookup.ts";
import { thread } from "./thread_state.ts";

/** The function that tasks call. */
export interface LoadedFunction {
  /** What runs. */
  readonly code: TaskCode;
  /** Whether it came as source text. */
  readonly isInline: boolean;
}

/** A function that the pool gave a place in this worker. */
export interface PlacedFunction {
  /** Where it is. */
  readonly ref: TaskRef;
  /** The function, once it was found. */
  loaded?: LoadedFunction;
}

/** What there is on the caller's own thread, where tasks run if there are no workers. */
export interface LocalTasks {
  /** Functions that the caller passed itself, by the key of their reference. */
  readonly byKey: ReadonlyMap<string, TaskCode>;
  /** Resolves after a time in which any module has loaded that is not waiting for something. */
  pause(): Promise<void>;
  /** Loads a module where `import()` is refused; nothing if there is no other way. */
  require(url: string): object | undefined;
}

/** What is said where no code may import what it likes: in service workers, workerd, contexts of Jest. */
const REFUSED = /\bimport\(\)|\bdynamic import\b|ES Modules in the VM|No such module/i;

/** What browsers say, all the same, of a module that is missing, forbidden, or no JavaScript. */
const NOT_FETCHED = /dynamically imported module|Importing a module script failed/;

/** Finds functions in the worker, and keeps them in places that the pool assigns. */
export class TaskLoader {
  readonly #local: LocalTasks | undefined;
  readonly #places = new Map<number, PlacedFunction>();
  /** In a box, as a module that exports `then` would be taken for a promise. */
  readonly #served = Promise.withResolvers<{ readonly module: object }>();

  constructor(local: LocalTasks | undefined) {
    this.#local = local;
  }

  /** The functions of this module answer references that name no module. */
  serve(module: object): void {
    this.#served.resolve({ module });
  }

  /** The function in a place, where the pool may put another one with `ref`. */
  at(place: number, ref: TaskRef | undefined): PlacedFunction | undefined {
    const placed = this.#places.get(place);
    // The pool repeats itself when it cannot know what was heard.
    if (ref === undefined || (placed !== undefined && keyOf(placed.ref) === keyOf(ref))) {
      return placed;
    }
    const other = { ref };
    this.#places.set(place, other);
    return other;
  }

  /** Finds a function, and keeps it: the pool does not say again where it is. */
  async load(placed: PlacedFunction): Promise<LoadedFunction> {
    const code = await this.find(placed.ref);
    return placed.loaded = { code, isInline: placed.ref.kind === "source" };
  }

  /**
   * Finds a function.
   *
   * @throws {TaskNotFoundError} If it is not where it should be.
   * @throws Whatever importing its module throws.
   */
  async find(ref: TaskRef): Promise<TaskCode> {
    if (ref.kind === "source") return compile(ref.source, ref.name);
    const local = this.#local?.byKey.get(keyOf(ref));
    const arrival = this.#moduleOf(ref);
    try {
      // On the caller's own thread, its module may be waiting for this very task.
      const found = await (local ? Promise.race([arrival, this.#local?.pause()]) : arrival);
      if (found === undefined && local !== undefined) return local;
      return lookUp(found?.module ?? {}, ref);
    } catch (error) {
      if (!REFUSED.test(describe(error))) throw error;
      if (local !== undefined) return local;
      const module = ref.kind === "module" && this.#local?.require(ref.url);
      if (!module) throw error;
      return lookUp(module, ref);
    }
  }

  #moduleOf(ref: TaskRef & { kind: "module" | "served" }): Promise<{ readonly module: object }> {
    return ref.kind === "module" ? importModule(ref.url) : this.#served.promise;
  }
}

/**
 * Imports a module of tasks, which is known as such meanwhile.
 *
 * @throws Whatever importing it throws.
 */
export async function importModule(url: string): Promise<{ readonly module: object }> {
  const { importing, modules } = thread();
  importing.push(url);
  modules.add(url);
  try {
    // Bundlers cannot follow it, and are not to warn that they cannot.
    return { module: await import(/* webpackIgnore: true */ /* @vite-ignore */ url) };
  } catch (error) {
    throw explainFetch(error);
  } finally {
    importing.splice(importing.indexOf(url), 1);
  }
}

/** Says what else to do: a bundler makes no files of the modules that only workers import. */
function explainFetch(error: unknown): unknown {
  const isPlain = isError(error) && NOT_FETCHED.test(error.message);
  // An error that a module has thrown comes again with each import.
  if (isPlain && !error.message.endsWith(SERVE_IT)) error.message += SERVE_IT;
  return error;
}

const SERVE_IT =
  ". A task module has to be served, as JavaScript: with a bundler, import it in a " +
  "worker file that calls serve(), and give the pool its option 'worker'";
