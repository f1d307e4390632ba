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

/** Functions that the caller passed itself, on its own thread; by the key of their reference. */
export interface LocalTasks {
  /** The functions. */
  readonly byKey: ReadonlyMap<string, TaskCode>;
  /** Resolves after a time in which any module has loaded that is not waiting for something. */
  pause(): Promise<void>;
}

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
    // On the caller's own thread, its module may be waiting for this very task.
    const found = await (local ? Promise.race([arrival, this.#local?.pause()]) : arrival);
    if (found === undefined && local !== undefined) return local;
    return lookUp(found?.module ?? {}, ref);
  }

  #moduleOf(ref: TaskRef & { kind: "module" | "served" }): Promise<{ readonly module: object }> {
    return ref.kind === "module" ? importModule(ref.url) : this.#served.promise;
  }
}

async function importModule(url: string): Promise<{ readonly module: object }> {
  const { importing, modules } = thread();
  importing.push(url);
  modules.add(url);
  try {
    return { module: await import(url) };
  } finally {
    importing.splice(importing.indexOf(url), 1);
  }
}
