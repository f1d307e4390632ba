import { decodeError } from "../wire/error_codec.ts";
import { CLAIM_WORDS, ClaimWords, MAX_CHUNK, SharedResults } from "../wire/shared_memory.ts";
import type { Values } from "../wire/packing.ts";
import type { ResultsMessage } from "../wire/protocol.ts";

/** Workers that may die over a chunk before they begin it, until it is given up. */
const MAX_STRANDED = 3;

/** What a chunk asks of its job. */
export interface TaskOwner {
  /** Takes the values of tasks in a row, the first of them at an index. */
  fulfil(index: number, values: Values): void;
  /** Takes the error of a task that failed, or was lost with its worker. */
  reject(index: number, error: unknown, outcome: "failed" | "lost"): void;
}

/**
 * Tasks of one job that go to a worker together, in a row. Here alone tasks
 * that were given out get their outcomes.
 *
 * @typeParam Owner The job, as those who handle the chunk know it.
 */
export class Chunk<Owner extends TaskOwner> {
  /** The job that the tasks belong to. */
  readonly job: Owner;
  /** Index within the job of the first task. */
  readonly first: number;
  /** How often a worker died under its first task. */
  readonly losses: number;
  /** Names the chunk within its worker, once it is sent. */
  id = -1;
  /** Its claim word, once it is sent. */
  word = -1;
  /** Number of the message that it was sent with, among all that its worker was sent. */
  message = -1;
  /** What was handed over with it when it was last sent. */
  transfer: readonly Transferable[] = [];
  /** How many workers died before they began any of it. */
  stranded = 0;
  /** Milliseconds that it should take, where its function has been measured. */
  estimate: number | undefined;
  /** When it was sent, in rounds of the dispatcher. */
  since = 0;
  /** Whether it was taken from a busy worker: it stays where it goes, unless it has to wait there. */
  stolen = false;
  /** How often it was taken from a worker that had not begun it: each time it waits longer. */
  moves = 0;
  /** Whether a task of it failed. */
  failed = false;
  /** Whether its worker tells of each task, so that the one that runs is the first without an outcome. */
  tellsEachTask = false;
  /** Position of the first task that has no outcome yet. */
  next = 0;
  /** Position of the last task whose result was late. */
  #late = -1;
  #items: Values;

  constructor(job: Owner, first: number, items: Values, losses = 0) {
    this.job = job;
    this.first = first;
    this.#items = items;
    this.losses = losses;
  }

  /** One item for each task. */
  get items(): Values {
    return this.#items;
  }

  /** Number of tasks. */
  get size(): number {
    return this.#items.length;
  }

  /** Whether it seems to kill every worker that is about to begin it. */
  get isHopeless(): boolean {
    return this.stranded >= MAX_STRANDED;
  }

  /** Tasks without an outcome. */
  get left(): number {
    return this.#items.length - this.next;
  }

  /** Takes results in the order of their tasks; what has an outcome keeps it. */
  settle({ from, errors }: ResultsMessage, values: Values): void {
    for (const [position, record] of errors) {
      this.#fulfilUpTo(position, from, values);
      // An interrupted task may still answer; it has its outcome already.
      if (position !== this.next || position >= this.size) continue;
      this.reject(position, decodeError(record));
    }
    this.#fulfilUpTo(from + values.length, from, values);
  }

  #fulfilUpTo(position: number, from: number, values: Values): void {
    const end = Math.min(position, this.size);
    if (end <= this.next) return;
    const isAll = this.next === from && end === from + values.length;
    this.fulfil(isAll ? values : values.slice(this.next - from, end - from));
  }

  /** The next tasks gave values. */
  fulfil(values: Values): void {
    const index = this.first + this.next;
    this.next += values.length;
    this.job.fulfil(index, values);
  }

  /** A task failed. */
  reject(position: number, error: unknown): void {
    this.next = position + 1;
    this.failed = true;
    this.job.reject(this.first + position, error, "failed");
  }

  /** A task was lost with its worker: it may have failed or not. */
  lose(position: number, error: unknown): void {
    this.next = position + 1;
    this.job.reject(this.first + position, error, "lost");
  }

  /** Whether the result of its first task without an outcome is late for the first time. */
  mayBeLate(): boolean {
    const isFirst = this.#late !== this.next;
    this.#late = this.next;
    return isFirst;
  }

  /** Takes the tasks from a position on out of the chunk, as a chunk of their own. */
  split(position: number): Chunk<Owner> {
    const items = this.#items.slice(position);
    this.#items = this.#items.slice(0, position);
    const isWhole = position === 0;
    const tail = new Chunk(this.job, this.first + position, items, isWhole ? this.losses : 0);
    tail.stolen = this.stolen;
    tail.moves = this.moves;
    if (isWhole) tail.stranded = this.stranded;
    return tail;
  }

  /** The task at a position as a chunk of its own, after its worker died. */
  rerun(position: number): Chunk<Owner> {
    const losses = position === 0 ? this.losses + 1 : 1;
    return new Chunk(this.job, this.first + position, [this.#items[position]], losses);
  }
}

type AnyChunk = Chunk<TaskOwner>;

/** Which tasks of its chunks a worker has begun, and may begin, as far as the pool can know. */
export interface Claims {
  /** Whether tasks that were sent can be taken back: then more may be sent than is run at once. */
  readonly canTakeBack: boolean;
  /** Most chunks that the worker may hold. */
  readonly maxChunks: number;
  /** Most tasks of a chunk of which one may be cut off: that must not hide what had begun. */
  readonly maxTimed: number;
  /** A chunk is about to be sent. */
  open(chunk: AnyChunk): void;
  /** How many tasks have begun: rather too many than too few. */
  begun(chunk: AnyChunk): number;
  /** Whether a task runs, or will, whatever the pool does. */
  mayRun(chunk: AnyChunk): boolean;
  /** Lets no further task begin, if just so many have; tells whether it did. */
  freeze(chunk: AnyChunk, begun: number): boolean;
  /** Lets no task from a position on begin any more; gives the first that will not run. */
  cut(chunk: AnyChunk, from: number): number;
  /** Whether values may be kept back behind the task that runs, for which nobody has asked. */
  keepsBack(chunk: AnyChunk): boolean;
  /** The values that are kept back, once the worker stands still: from the first task without an outcome. */
  look(chunk: AnyChunk): Values;
  /** Takes note that the worker sent results. */
  heard(): void;
}

/** A task that a worker runs. */
interface Place {
  /** Its chunk. */
  readonly id: number;
  /** Where in the chunk it is, if any runs. */
  readonly position: number;
}

const NOWHERE: Place = { id: -1, position: -1 };

/** Claims that both sides settle in shared memory, where values stand as well. */
export class SharedClaims implements Claims {
  readonly canTakeBack = true;
  /** Each has a claim word until it is over. */
  readonly maxChunks: number = CLAIM_WORDS / 2;
  readonly maxTimed: number = MAX_CHUNK;
  readonly #words: ClaimWords;
  readonly #results: SharedResults;
  /** Where the worker was at the last look. */
  #seen = NOWHERE;
  /** Where it was when it was asked for values. */
  #asked = NOWHERE;

  /** @param memory What the worker sees as well. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new ClaimWords(memory);
    this.#results = new SharedResults(memory);
  }

  open({ word, size }: AnyChunk): void {
    this.#words.open(word, size);
  }

  begun({ word, next, size }: AnyChunk): number {
    // What has a result has begun, whatever a task may have written into the memory.
    return Math.min(Math.max(next, this.#words.begun(word)), size);
  }

  mayRun(chunk: AnyChunk): boolean {
    return this.begun(chunk) > chunk.next;
  }

  freeze({ word }: AnyChunk, begun: number): boolean {
    return this.#words.freeze(word, begun);
  }

  cut({ word, size }: AnyChunk, from: number): number {
    return Math.min(this.#words.cut(word, from), size);
  }

  keepsBack(chunk: AnyChunk): boolean {
    return !isSame(this.#asked, this.#placeIn(chunk));
  }

  look(chunk: AnyChunk): Values {
    const place = this.#placeIn(chunk);
    const isStuck = isSame(this.#seen, place);
    this.#seen = place;
    // One that has not begun would have nothing to answer, and would not be asked again.
    if (!isStuck || place.position < 0) return [];
    this.#asked = place;
    this.#words.request(chunk.word);
    const values = this.#results.read(chunk.next, Math.min(place.position, chunk.size));
    // Else it has gone on, and they may be those of another chunk.
    return isSame(place, this.#placeIn(chunk)) ? values : [];
  }

  heard(): void {
    this.#results.heard();
    this.#asked = NOWHERE;
  }

  #placeIn({ id, word }: AnyChunk): Place {
    return { id, position: this.#words.running(word) ?? -1 };
  }
}

/** Claims without shared memory: nothing keeps a worker from what it was sent, and it alone knows when. */
export class ToldClaims implements Claims {
  readonly canTakeBack = false;
  readonly maxChunks = 1;
  readonly maxTimed = 1;
  readonly #isAtWork: (chunk: AnyChunk) => boolean;

  /** @param isAtWork Whether a chunk is one whose tasks the worker runs, once its function is loaded. */
  constructor(isAtWork: (chunk: AnyChunk) => boolean) {
    this.#isAtWork = isAtWork;
  }

  open(_chunk: AnyChunk): void {}

  begun(chunk: AnyChunk): number {
    if (!this.#isAtWork(chunk)) return Math.min(chunk.next, chunk.size);
    return chunk.tellsEachTask ? Math.min(chunk.next + 1, chunk.size) : chunk.size;
  }

  mayRun(_chunk: AnyChunk): boolean {
    return true;
  }

  freeze(chunk: AnyChunk, begun: number): boolean {
    return this.begun(chunk) === begun;
  }

  cut({ size }: AnyChunk, _from: number): number {
    return size;
  }

  keepsBack(_chunk: AnyChunk): boolean {
    return false;
  }

  look(_chunk: AnyChunk): Values {
    return [];
  }

  heard(): void {}
}

function isSame(a: Place, b: Place): boolean {
  return a.id === b.id && a.position === b.position;
}
