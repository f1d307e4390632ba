import { keyOf, type TaskRef } from "./task_ref.ts";

/** What all measurements so far count for against the next. */
const MEMORY = 0.5;

/** A function as the pool knows it: a number that stands for it, and what a task of it costs. */
export class KnownFunction {
  /** Stands for the function in messages. */
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

/** Numbers each distinct function once. */
export class FunctionTable {
  readonly #known = new Map<string, KnownFunction>();

  /** The one entry of a function, however often it is named. */
  intern(ref: TaskRef): KnownFunction {
    const key = keyOf(ref);
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, known = new KnownFunction(this.#known.size, ref));
    return known;
  }
}
