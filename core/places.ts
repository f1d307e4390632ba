import { type KnownFunction, MAX_FUNCTIONS } from "./function_table.ts";
import { Recent } from "./recent.ts";
import type { TaskRef } from "./task_ref.ts";

/** How a chunk names its function to a worker. */
export interface NamedFunction {
  /** The function's place in the worker. */
  readonly fn: number;
  /** Where to find it, if the worker may have something else in that place. */
  readonly ref: TaskRef | undefined;
}

interface Place {
  readonly number: number;
  isTold: boolean;
}

/**
 * Which functions a worker has. Each has a place there; when all are taken, the
 * one used longest ago gives up its own. The worker need not know that rule:
 * what a chunk says of a place holds from that chunk on, in the order in which
 * chunks are sent and run.
 */
export class FunctionPlaces {
  readonly #places = new Recent<number, Place>(MAX_FUNCTIONS);

  /** Names the function of a chunk that is about to be sent. */
  name({ id, ref }: KnownFunction): NamedFunction {
    const place = this.#places.get(id) ?? this.#assign(id);
    const { number: fn, isTold } = place;
    place.isTold = true;
    return { fn, ref: isTold ? undefined : ref };
  }

  /** A chunk was not sent after all: what it said of its function has to be said again. */
  unname({ id }: KnownFunction): void {
    const place = this.#places.get(id);
    if (place !== undefined) place.isTold = false;
  }

  #assign(id: number): Place {
    const gone = this.#places.makeRoom();
    const place = { number: gone?.number ?? this.#places.size, isTold: false };
    this.#places.add(id, place);
    return place;
  }
}
