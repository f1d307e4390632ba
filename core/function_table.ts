import { Recent } from "./recent.ts";
import { keyOf, type TaskRef } from "./task_ref.ts";

/** Most functions that a pool or a worker keeps: there may be ever new ones, with long texts. */
export const MAX_FUNCTIONS = 128;

/** What all measurements so far count for against the next. */
const MEMORY = 0.5;

/** A function as the pool knows it: where it is, and what a task of it costs. */
export class KnownFunction {
  /** Never that of another function. */
  readonly id: number;
  /** Where workers find it. */
  readonly ref: TaskRef;
  #tasks = 0;
  #elapsed = 0;

  constructor(id: number, ref: TaskRef) {
    this.id = id;
    this.ref = ref;
  }

  /** Name of the function, for errors. */
  get name(): string {
    return this.ref.name === "" ? "(inline)" : this.ref.name;
  }

  /** Milliseconds that one task takes, as measured lately; unknown before its first result. */
  get cost(): number | undefined {
    return this.#tasks === 0 ? undefined : this.#elapsed / this.#tasks;
  }

  /** Learns from `tasks` tasks that took `elapsed` ms together. */
  measure(tasks: number, elapsed: number): void {
    // By their number: the first task of all, with its compilation, must not outweigh hundreds.
    this.#tasks = this.#tasks * MEMORY + tasks;
    this.#elapsed = this.#elapsed * MEMORY + elapsed;
  }
}

/** Tells distinct functions apart, the last so many of them: one that was dropped is new again. */
export class FunctionTable {
  readonly #known = new Recent<string, KnownFunction>(MAX_FUNCTIONS);
  #count = 0;

  /** The one entry of a function, however often it is named. */
  intern(ref: TaskRef): KnownFunction {
    const key = keyOf(ref);
    let known = this.#known.get(key);
    if (known === undefined) this.#known.add(key, known = new KnownFunction(this.#count++, ref));
    return known;
  }
}
