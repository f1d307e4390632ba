import type { Claims } from "./chunk.ts";
import { adaptiveChunkSize, FunctionPlaces } from "./functions.ts";
import type { Job, JobChunk } from "./job.ts";
import { parcelOf } from "./parcels.ts";
import type { PoolLimits } from "../ports.ts";
import { CLAIM_WORDS, MAX_CHUNK, MAX_SHARED } from "../wire/shared_memory.ts";
import type { WireChunk } from "../wire/protocol.ts";

/**
 * A worker gets a second chunk while it runs one, so that it need not wait for
 * the next, unless the first is so long that waiting costs nothing against it.
 */
const PREFETCH_MS = 20;

/**
 * The chunks that one worker was sent and has not ended, in the order in which
 * it runs them. It adds them, retracts tasks of them that have not begun, and
 * ends them.
 */
export class Backlog {
  /** Which tasks have begun. */
  readonly claims: Claims;
  readonly #limits: PoolLimits;
  readonly #functions = new FunctionPlaces();
  readonly #chunks: JobChunk[] = [];
  /** Tasks that the worker may still be given before it is replaced. */
  #budget: number;
  #sent = 0;
  #ms = 0;
  #unknownCosts = 0;
  /** Whether the worker is importing the module of the first chunk. */
  #isLoading = false;

  /**
   * @param limits What bounds the chunks.
   * @param newClaims Makes what tells which tasks have begun; it may ask which chunk is at work.
   */
  constructor(
    limits: PoolLimits,
    newClaims: (isAtWork: (chunk: unknown) => boolean) => Claims,
  ) {
    this.#limits = limits;
    this.#budget = limits.maxTasksPerWorker;
    this.claims = newClaims((chunk) => chunk === this.first && !this.#isLoading);
  }

  /** The chunks. */
  get chunks(): readonly JobChunk[] {
    return this.#chunks;
  }

  /** The chunk that the worker runs. */
  get first(): JobChunk | undefined {
    return this.#chunks[0];
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Whether there can be no further one. */
  get isFull(): boolean {
    // Each has a claim word to itself until it has ended.
    const areWordsTaken = this.#sent - (this.first?.id ?? this.#sent) >= CLAIM_WORDS;
    return this.#chunks.length >= this.claims.maxChunks || areWordsTaken;
  }

  /** Milliseconds of work; infinite with a function that was never measured. */
  get ms(): number {
    return this.#unknownCosts > 0 ? Infinity : this.#ms;
  }

  /** Tasks that the worker may still be given before it is replaced. */
  get budget(): number {
    return this.#budget;
  }

  /** Whether it is so little that more would hardly wait. */
  get hasRoom(): boolean {
    return this.#isLess(1);
  }

  /** Whether there is room for so much that this is worth a message. */
  get runsLow(): boolean {
    return this.#isLess(0.5);
  }

  /** Whether the worker should have its next chunk before it has ended this one. */
  get canPrefetch(): boolean {
    return this.#chunks.length === 1 && !this.isFull && this.ms < PREFETCH_MS;
  }

  #isLess(part: number): boolean {
    const { chunkMs } = this.#limits;
    return this.#chunks.length < this.claims.maxChunks * part && this.ms < chunkMs * part;
  }

  /** How many tasks of a job its next chunk may hold. */
  limitFor(job: Job): number {
    const { chunkSize, eager, timeout, transfer } = job.policy;
    // What is transferred cannot be sent again.
    if (transfer !== undefined) return 1;
    const size = chunkSize ?? adaptiveChunkSize(job.fn.cost, job.remaining, this.#limits);
    const most = timeout === undefined ? MAX_CHUNK : this.claims.maxTimed;
    return Math.min(size, this.#budget, most, eager ? MAX_SHARED : MAX_CHUNK);
  }

  // Which tasks have begun

  /** Whether the worker is importing a task module. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Takes note whether the worker is importing the module of its first chunk. */
  setLoading(isLoading: boolean): void {
    this.#isLoading = isLoading;
  }

  /** How many tasks of a chunk have begun, as far as the pool can know. */
  begun(chunk: JobChunk): number {
    return this.claims.begun(chunk);
  }

  /** Whether the worker has begun a task that it has not ended. */
  get hasBegun(): boolean {
    return this.#chunks.some((chunk) => this.begun(chunk) > 0);
  }

  /** Whether there are tasks that other workers could run. */
  get hasSpare(): boolean {
    return this.#chunks.some((chunk) => this.spareOf(chunk) > 0);
  }

  /** How many tasks of a chunk other workers could run: they have not begun, and belong to no worker. */
  spareOf(chunk: JobChunk): number {
    if (!this.claims.canTakeBack || isBound(chunk)) return 0;
    // One that waits for its module would have to wait elsewhere as well.
    const isLoading = this.#isLoading && chunk === this.first;
    const begun = Math.max(this.begun(chunk), isLoading ? 1 : 0);
    return begun > 0 && chunk.job.policy.chunkSize !== undefined ? 0 : chunk.size - begun;
  }

  // What is kept back

  /** Whether the worker may keep back values of tasks that have ended, behind the one that runs. */
  get keepsBack(): boolean {
    const { first } = this;
    if (first === undefined || this.#isLoading || !isEager(first) || first.left < 2) return false;
    return this.claims.keepsBack(first);
  }

  /**
   * Looks where the worker is. If it is where it was at the last look, it is
   * asked for the values of all tasks before; those that can be had are taken.
   */
  takeKept(): void {
    const { first } = this;
    if (first === undefined || !this.keepsBack) return;
    const values = this.claims.look(first);
    if (values.length === 0) return;
    first.fulfil(values);
    first.job.advance();
  }

  // Adding, retracting, ending

  /** Adds a chunk that is about to be sent. */
  add(chunk: JobChunk): void {
    chunk.id = this.#sent++;
    chunk.word = chunk.id % CLAIM_WORDS;
    chunk.tellsEachTask = this.#tellsEachTask(chunk) || chunk.size === 1;
    this.claims.open(chunk);
    this.#chunks.push(chunk);
    this.#budget -= chunk.size;
    this.#count(chunk);
  }

  /** Retracts the tasks of a chunk from a position on, but those that have begun or will. */
  retract(chunk: JobChunk, from = 0): JobChunk {
    const at = this.claims.cut(chunk, from);
    this.#discount(chunk);
    const tail = chunk.split(at);
    this.#count(chunk);
    this.#budget += tail.size;
    return tail;
  }

  /**
   * Retracts tasks of a chunk, to have them run sooner elsewhere. A chunk
   * whose size is the caller's own goes as a whole, and stays once it has
   * begun: an error in it must find the rest of it here.
   */
  retractSpare(chunk: JobChunk, from: number): JobChunk {
    const isDivisible = chunk.job.policy.chunkSize === undefined;
    const mayGo = isDivisible || (from === 0 && this.claims.freeze(chunk, 0));
    return mayGo ? this.retract(chunk, from) : chunk.split(chunk.size);
  }

  /** Retracts a chunk whose message was not sent. */
  retractUnsent(chunk: JobChunk): void {
    this.#takeOut(chunk);
    // Numbers without a gap: each word is free again when its turn comes.
    this.#sent = Math.min(this.#sent, chunk.id);
  }

  /** Retracts the chunks of a message that the worker could not read. */
  retractUnread(message: number): JobChunk[] {
    const unread = this.#chunks.filter((chunk) => chunk.message === message);
    for (const chunk of unread) this.#takeOut(chunk);
    return unread;
  }

  #takeOut(chunk: JobChunk): void {
    this.#chunks.splice(this.#chunks.indexOf(chunk), 1);
    this.#budget += chunk.size;
    this.#functions.unname(chunk.job.fn);
    this.#discount(chunk);
  }

  /** The worker has ended its first chunk. */
  end(): void {
    const chunk = this.#chunks.shift();
    this.#isLoading = false;
    if (chunk !== undefined) this.#discount(chunk);
  }

  /**
   * The worker is gone: what it had begun is lost, or runs again, and the rest
   * runs elsewhere.
   *
   * @param error The error of what is lost.
   * @param requeue Has tasks run elsewhere; called in the reverse order, as each goes before all others.
   */
  lose(error: unknown, requeue: (chunk: JobChunk) => void): void {
    const { first } = this;
    // A chunk that waited behind another has nothing to do with the death.
    if (first !== undefined && this.begun(first) === 0) first.stranded++;
    const chunks = this.#chunks.map((chunk) => ({ chunk, begun: this.begun(chunk) }));
    this.clear();
    for (const { chunk, begun } of chunks.reverse()) loseChunk(chunk, begun, error, requeue);
  }

  /** Drops all chunks: their jobs are over. */
  clear(): void {
    this.#chunks.length = 0;
    this.#ms = this.#unknownCosts = 0;
    this.#isLoading = false;
  }

  #count(chunk: JobChunk): void {
    const { cost } = chunk.job.fn;
    const { size } = chunk;
    chunk.estimate = size === 0 ? 0 : cost === undefined ? undefined : cost * size;
    if (chunk.estimate === undefined) this.#unknownCosts++;
    else this.#ms += chunk.estimate;
  }

  #discount(chunk: JobChunk): void {
    this.#ms -= chunk.estimate ?? 0;
    if (chunk.estimate === undefined) this.#unknownCosts--;
    if (this.isEmpty) this.#ms = 0;
  }

  // On the wire

  /** Puts a chunk in words for the worker; adds to `transfer` what is handed over with it. */
  wire(chunk: JobChunk, transfer: Transferable[]): WireChunk {
    const parcel = parcelOf(chunk);
    transfer.push(...parcel.transfer);
    const { fn: place, ref } = this.#functions.name(chunk.job.fn);
    const wire = {
      id: chunk.id,
      word: chunk.word,
      fn: place,
      ref,
      items: parcel.packed,
      spread: parcel.areLists,
      stopOnError: chunk.job.policy.stopOnError,
      tellsEachTask: this.#tellsEachTask(chunk),
    };
    // Each key costs, and most chunks are of one task.
    return isEager(chunk) ? { ...wire, eager: true } : wire;
  }

  /** To end a task the pool must know that it is the one that runs, and since when. */
  #tellsEachTask({ job }: JobChunk): boolean {
    const { timeout, abortable = false } = job.policy;
    return timeout !== undefined || (abortable && !this.claims.canTakeBack);
  }
}

/** Its last value goes with the news that the chunk is over. */
function isEager({ job, size }: JobChunk): boolean {
  return job.policy.eager === true && size > 1;
}

/** Whether a chunk's arguments go with its message, so that no other worker can run it. */
function isHandedOver({ job }: JobChunk): boolean {
  return job.policy.transfer !== undefined;
}

/** Whether a chunk can be run by no other worker than the one that has it. */
export function isBound(chunk: JobChunk): boolean {
  return isHandedOver(chunk) || chunk.job.policy.bound === true;
}

function loseChunk(
  chunk: JobChunk,
  begun: number,
  error: unknown,
  requeue: (chunk: JobChunk) => void,
): void {
  const { retries, stopOnError } = chunk.job.policy;
  const tail = chunk.split(begun);
  for (let position = chunk.next; position < begun; position++) {
    const losses = position === 0 ? chunk.losses : 0;
    if (losses < retries && !isHandedOver(chunk)) requeue(chunk.rerun(position));
    else chunk.lose(position, error);
  }
  if (isHandedOver(chunk) || tail.isHopeless) {
    for (let at = 0; at < tail.size; at++) tail.lose(at, error);
  } else if (chunk.failed && stopOnError) {
    chunk.job.skip(tail.size);
  } else {
    requeue(tail);
  }
  chunk.next = chunk.size;
  chunk.job.advance();
}
