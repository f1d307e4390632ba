import type { Values } from "../wire/packing.ts";

/** Workers that may die over a chunk before they begin it, until it is given up. */
const MAX_STRANDED = 3;

/** What a chunk asks of its job. */
export interface TaskOwner {
  /** Takes the values of tasks in a row, the first of them at an index. */
  fulfil(index: number, values: Values): void;
  /** Takes the error of a task. */
  reject(index: number, error: unknown): void;
  /** Takes the error of a task that was lost with its worker. */
  lose(index: number, error: unknown): void;
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
  /** Whether the task that runs is the first without an outcome, as its worker tells of each. */
  isTold = false;
  /** Position of the first task that has no outcome yet. */
  next = 0;
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
    this.job.reject(this.first + position, error);
  }

  /** A task was lost with its worker: it may have failed or not. */
  lose(position: number, error: unknown): void {
    this.next = position + 1;
    this.job.lose(this.first + position, error);
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
