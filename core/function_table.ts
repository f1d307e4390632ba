import { keyOf, type TaskRef } from "./task_ref.ts";

/** How fast the measured cost follows the latest measurement. */
const WEIGHT = 0.5;

/** A function as the pool knows it: a number that stands for it, and what a task of it costs. */
export class KnownFunction {
  /** Stands for the function in messages. */
  readonly id: number;
  /** Where workers find it. */
  readonly ref: TaskRef;
  #cost: number | undefined;

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
    return this.#cost;
  }

  /** Learns from `tasks` tasks that took `elapsed` ms together. */
  measure(tasks: number, elapsed: number): void {
    const latest = elapsed / tasks;
    this.#cost = this.#cost === undefined ? latest : this.#cost + WEIGHT * (latest - this.#cost);
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
