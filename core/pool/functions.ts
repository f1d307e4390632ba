import type { PoolLimits } from "../ports.ts";
import { keyOf, type TaskRef } from "../wire/task_ref.ts";

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

/** Keeps the last so many of things that come again; what was used longest ago goes. */
export class Recent<K, V> {
  readonly #limit: number;
  /** Those used longest ago come first. */
  readonly #entries = new Map<K, V>();
  /** The key that was used last, which mostly is the next one as well. */
  #latest: K | undefined;

  /** @param limit Most entries. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Finds an entry, which thereby is the one used last. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || key === this.#latest) return value;
    this.#latest = key;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Adds an entry that is not there yet. */
  add(key: K, value: V): void {
    this.makeRoom();
    this.#latest = key;
    this.#entries.set(key, value);
  }

  /** Drops an entry if there is no room for another; gives what it dropped. */
  makeRoom(): V | undefined {
    if (this.#entries.size < this.#limit) return undefined;
    for (const [key, value] of this.#entries) {
      this.#entries.delete(key);
      return value;
    }
    return undefined;
  }
}

/** What decides how many tasks go into one message. */
export type ChunkLimits = Pick<PoolLimits, "workers" | "chunkMs">;

/** What a message should carry at least, where there is as much: more even shares would cost more than they save. */
const MIN_CHUNK_MS = 0.25;

/** Most tasks that the pool itself puts into one chunk: V8 makes longer lists many times slower. */
const MAX_ADAPTIVE = 8192;

/** Results that an `imap` whose caller names no buffer may hold at most. */
const MAX_DEFAULT_BUFFER = 1024;

/**
 * Python's default chunk size: four chunks for each worker.
 *
 * @param length Number of tasks.
 * @param workers Number of workers.
 */
export function evenChunkSize(length: number, workers: number): number {
  return Math.ceil(length / (workers * 4));
}

/**
 * How many tasks the next chunk takes: about `chunkMs` of work, and
 * no more than an even share of what is left, so that all workers end together,
 * unless that is next to nothing.
 *
 * @param cost Measured time of one task in ms; a function never seen travels alone.
 * @param remaining Tasks not yet sent, where known.
 * @param limits How many workers there are, and how much is enough for one.
 */
export function adaptiveChunkSize(
  cost: number | undefined,
  remaining: number | undefined,
  { workers, chunkMs }: ChunkLimits,
): number {
  if (cost === undefined) return 1;
  const byShare = remaining === undefined ? MAX_ADAPTIVE : evenChunkSize(remaining, workers);
  const enough = Math.max(byShare, Math.floor(MIN_CHUNK_MS / cost));
  return Math.max(1, Math.min(Math.floor(chunkMs / cost), enough, MAX_ADAPTIVE));
}

/**
 * What a task counts for, in milliseconds, where the tasks of several functions
 * make up a chunk: one of a function never seen fills it.
 *
 * @param cost Measured time of one task in ms, which is nothing where clocks are coarse.
 * @param chunkMs Work that makes up a chunk, in ms.
 */
export function weightOf(cost: number | undefined, chunkMs: number): number {
  return cost === undefined ? chunkMs : Math.max(cost, chunkMs / MAX_ADAPTIVE);
}

/**
 * How far an `imap` without `bufferSize` may run ahead of its reader: four
 * chunks for each worker, within limits; as far as it can if the reader waits,
 * as the next result in order may be long in coming.
 *
 * @param chunkSize Tasks in one chunk.
 * @param workers Number of workers.
 * @param isAwaited Whether the reader waits for a result.
 */
export function defaultBufferSize(
  chunkSize: number,
  workers: number,
  isAwaited: boolean,
): number {
  if (isAwaited) return Math.max(workers, MAX_DEFAULT_BUFFER);
  return Math.max(workers, Math.min(4 * workers * chunkSize, MAX_DEFAULT_BUFFER));
}
