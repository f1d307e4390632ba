import type { Collector, InputFailure, Settler } from "./collector.ts";

/** Gathers the values of a `map` into one array, in input order. */
export class MapCollector<R> implements Collector {
  readonly #settler: Settler<R[]>;
  readonly #values: R[] = [];
  #failure: InputFailure | undefined;

  constructor(settler: Settler<R[]>) {
    this.#settler = settler;
  }

  fulfil(index: number, value: unknown): void {
    // The function's own type says what its values are; nothing checks it at run time.
    this.#values[index] = value as R;
  }

  reject(_index: number, error: unknown): void {
    // The first error to arrive is the job's, as in Python; the others are dropped with it.
    this.#failure ??= { error };
  }

  end(inputFailure?: InputFailure): void {
    const failure = this.#failure ?? inputFailure;
    if (failure === undefined) this.#settler.resolve(this.#values);
    else this.#settler.reject(failure.error);
  }

  fail(error: unknown): void {
    this.#settler.reject(error);
  }
}

/** Gathers the outcomes of a `mapSettled`, in input order. */
export class SettledCollector<R> implements Collector {
  readonly #settler: Settler<PromiseSettledResult<R>[]>;
  readonly #outcomes: PromiseSettledResult<R>[] = [];

  constructor(settler: Settler<PromiseSettledResult<R>[]>) {
    this.#settler = settler;
  }

  fulfil(index: number, value: unknown): void {
    // As in MapCollector, the type is the function's own.
    this.#outcomes[index] = { status: "fulfilled", value: value as R };
  }

  reject(index: number, reason: unknown): void {
    this.#outcomes[index] = { status: "rejected", reason };
  }

  end(inputFailure?: InputFailure): void {
    if (inputFailure === undefined) this.#settler.resolve(this.#outcomes);
    else this.#settler.reject(inputFailure.error);
  }

  fail(error: unknown): void {
    this.#settler.reject(error);
  }
}
