import { adaptiveChunkSize, CHUNK_MS, FunctionPlaces } from "./functions.ts";
import {
  CLAIM_WORDS,
  Claims,
  MAX_CHUNK,
  MAX_SHARED,
  SharedResults,
} from "../wire/shared_memory.ts";
import { isHandedOver, type Job, type JobChunk } from "./job.ts";
import { type Values, wrap } from "../wire/packing.ts";
import type { WireChunk } from "../wire/protocol.ts";
import type { WorkerControl } from "./worker_control.ts";

/**
 * A worker gets a second chunk while it runs one, so that it need not wait for
 * the next, unless the first is so long that waiting costs nothing against it.
 */
const PREFETCH_MS = 20;

/** Most chunks that one worker may hold: each has a claim word until it is over. */
const MAX_CHUNKS = CLAIM_WORDS / 2;

/** Where a worker is in its life. */
export type SlotStatus = "starting" | "ready" | "leaving" | "stopping";

/** A task that a worker runs. */
interface Place {
  /** Its chunk. */
  readonly id: number;
  /** Where in the chunk it is, if any runs. */
  readonly position: number;
}

const NOWHERE: Place = { id: -1, position: -1 };

/** One worker as the scheduler sees it. */
export class Slot {
  readonly name: string;
  /** Its number among those that may be given tasks: from 0, below the most workers at a time. */
  readonly index: number;
  /** Its thread. */
  readonly worker: WorkerControl;
  readonly memory: SharedArrayBuffer | undefined = SharedResults.allocate();
  readonly claims: Claims | undefined;
  readonly results: SharedResults | undefined;
  /** Chunks that it was sent and has not ended, in the order in which it runs them. */
  readonly chunks: JobChunk[] = [];
  status: SlotStatus = "starting";
  /** The worker that it replaces: it works on until this one is ready. */
  predecessor: Slot | undefined;
  /** Tasks that it may still be given before it is replaced. */
  budget: number;
  /** Whether its task was told to end: it gets no work until it does, or is killed. */
  interrupted = false;
  /** Whether it is running the pool's initializer. */
  initializing = false;
  /** Whether it is importing a task module. */
  loading = false;
  /** Whether it keeps the process alive. */
  held = true;
  /** Whether it has ever begun a task. */
  hasBegunTasks = false;
  /** When it last became idle, as a count. */
  idleSince = 0;
  readonly #functions = new FunctionPlaces();
  #sent = 0;
  #backlog = 0;
  #unknownCosts = 0;
  /** Where it was at the last look: in which chunk, at which of its tasks. */
  #seen: Place = NOWHERE;
  /** Where it was when it was asked for values. */
  #asked: Place = NOWHERE;
  /** The task whose result was late. */
  #late: Place = NOWHERE;

  constructor(
    name: string,
    index: number,
    budget: number,
    predecessor: Slot | undefined,
    hire: (slot: Slot) => WorkerControl,
  ) {
    this.name = name;
    this.index = index;
    this.budget = budget;
    this.predecessor = predecessor;
    this.claims = this.memory && new Claims(this.memory);
    this.results = this.memory && new SharedResults(this.memory);
    this.worker = hire(this);
  }

  /** Whether it has nothing to do. */
  get idle(): boolean {
    return this.chunks.length === 0;
  }

  /** Whether it may be given tasks at all. */
  get open(): boolean {
    return this.status === "ready" && !this.interrupted && this.budget > 0 &&
      (this.predecessor === undefined || this.predecessor.idle);
  }

  /** Milliseconds of work that it holds; infinite while it runs a function never measured. */
  get backlog(): number {
    return this.#unknownCosts > 0 ? Infinity : this.#backlog;
  }

  /** Whether it can hold no further chunk. */
  get isFull(): boolean {
    return this.chunks.length >= MAX_CHUNKS;
  }

  /** Whether what it holds is so little that more would hardly wait. */
  get hasRoom(): boolean {
    return this.#holdsLess(1);
  }

  /** Whether it has room for so much that this is worth a message. */
  get runsLow(): boolean {
    return this.#holdsLess(0.5);
  }

  /** Whether it should have its next chunk before it has ended this one. */
  get canPrefetch(): boolean {
    if (!this.open || this.claims === undefined) return false;
    return this.chunks.length === 1 && this.backlog < PREFETCH_MS;
  }

  #holdsLess(part: number): boolean {
    if (!this.open || this.claims === undefined) return false;
    return this.chunks.length < MAX_CHUNKS * part && this.backlog < CHUNK_MS * part;
  }

  /** How many tasks of a job its next chunk may hold. */
  limitFor(job: Job, workers: number): number {
    const { chunkSize, eager, timeout, transfer } = job.policy;
    // What is transferred cannot be sent again; what may be cut off must not hide what had begun.
    if (transfer !== undefined) return 1;
    if (timeout !== undefined && this.claims === undefined) return 1;
    const size = chunkSize ?? adaptiveChunkSize(job.fn.cost, job.remaining, workers);
    return Math.min(size, this.budget, eager ? MAX_SHARED : MAX_CHUNK);
  }

  /** Whether it has tasks that others could run: it has not begun them, and they are not bound to it. */
  get hasSpare(): boolean {
    if (this.claims === undefined) return false;
    return this.chunks.some((chunk) => this.spareOf(chunk) > 0);
  }

  /** How many tasks of a chunk others could run. */
  spareOf(chunk: JobChunk): number {
    if (isBound(chunk)) return 0;
    // One that waits for its module would have to wait elsewhere as well.
    const isLoading = this.loading && chunk === this.chunks[0];
    const begun = Math.max(this.begun(chunk), isLoading ? 1 : 0);
    return begun > 0 && chunk.job.policy.chunkSize !== undefined ? 0 : chunk.size - begun;
  }

  /** Whether it may keep back values of tasks that have ended, behind the one that runs. */
  get keepsBack(): boolean {
    const [chunk] = this.chunks;
    if (chunk === undefined || this.loading || !this.#isEager(chunk) || chunk.left < 2) {
      return false;
    }
    return !isSame(this.#asked, this.#placeIn(chunk));
  }

  /**
   * Looks where it is. If it is where it was at the last look, it is asked for
   * the values of all tasks before.
   *
   * @returns Those that can be had, from the first task of its first chunk without an outcome on.
   */
  look(): Values {
    const [chunk] = this.chunks;
    if (chunk === undefined || !this.results || !this.keepsBack) return [];
    const place = this.#placeIn(chunk);
    const isStuck = isSame(this.#seen, place);
    this.#seen = place;
    // One that has not begun would have nothing to answer, and would not be asked again.
    if (!isStuck || place.position < 0) return [];
    this.#asked = place;
    this.claims?.request(chunk.word);
    const values = this.results.read(chunk.next, Math.min(place.position, chunk.size));
    // Else it has gone on, and they may be those of another chunk.
    return isSame(place, this.#placeIn(chunk)) ? values : [];
  }

  /** Whether a result is late for the first time: that of the first task without an outcome. */
  mayBeLate({ id, next }: JobChunk): boolean {
    const place = { id, position: next };
    const isFirst = !isSame(this.#late, place);
    this.#late = place;
    return isFirst;
  }

  /** Takes note that it sent results: what it was asked for, or before it was. */
  hear(): void {
    this.results?.heard();
    this.#asked = NOWHERE;
  }

  #placeIn({ id, word }: JobChunk): Place {
    return { id, position: this.claims?.running(word) ?? -1 };
  }

  /** Takes a chunk to run. */
  give(chunk: JobChunk): void {
    chunk.id = this.#sent++;
    chunk.word = chunk.id % CLAIM_WORDS;
    chunk.isTold = this.#isPrompt(chunk) || chunk.size === 1;
    this.claims?.open(chunk.word, chunk.size);
    this.chunks.push(chunk);
    this.budget -= chunk.size;
    this.#count(chunk);
  }

  /** Takes a chunk back whose message did not get through. */
  ungive(chunk: JobChunk): void {
    this.chunks.splice(this.chunks.indexOf(chunk), 1);
    // Numbers without a gap: each word is free again when its turn comes.
    this.#sent = Math.min(this.#sent, chunk.id);
    this.budget += chunk.size;
    this.#functions.unname(chunk.job.fn);
    this.#discount(chunk);
  }

  /** The worker has ended its first chunk. */
  end(): void {
    const chunk = this.chunks.shift();
    if (chunk !== undefined) this.#discount(chunk);
  }

  #discount(chunk: JobChunk): void {
    this.#backlog -= chunk.estimate ?? 0;
    if (chunk.estimate === undefined) this.#unknownCosts--;
    if (this.idle) this.#backlog = 0;
  }

  /** How many tasks of a chunk have begun, as far as the pool can know. */
  begun(chunk: JobChunk): number {
    if (this.claims !== undefined) {
      // What has a result has begun, whatever a task may have written into the memory.
      return Math.min(Math.max(chunk.next, this.claims.begun(chunk.word)), chunk.size);
    }
    const isFirst = this.chunks[0] === chunk && !this.loading;
    if (isFirst && !chunk.isTold) return chunk.size;
    return Math.min(chunk.next + (isFirst ? 1 : 0), chunk.size);
  }

  /** Whether it has begun a task that it has not ended, as far as the pool can know. */
  get hasBegun(): boolean {
    return this.chunks.some((chunk) => this.begun(chunk) > 0);
  }

  /** Lets no further task of a chunk begin, if just so many have; tells whether it did. */
  freeze(chunk: JobChunk, begun: number): boolean {
    if (this.claims === undefined) return this.begun(chunk) === begun;
    return this.claims.freeze(chunk.word, begun);
  }

  /**
   * Takes back tasks of a chunk, to have them run sooner elsewhere. A chunk
   * whose size is the caller's own goes as a whole, and stays once it has
   * begun: an error in it must find the rest of it here.
   */
  relieve(chunk: JobChunk, from: number): JobChunk {
    const isDivisible = chunk.job.policy.chunkSize === undefined;
    const mayGo = isDivisible || (from === 0 && this.claims?.freeze(chunk.word, 0));
    return mayGo ? this.takeBack(chunk, from) : chunk.split(chunk.size);
  }

  /** Takes back the tasks of a chunk from a position on, but those that have begun. */
  takeBack(chunk: JobChunk, from = 0): JobChunk {
    const at = this.claims === undefined
      ? Math.max(from, this.begun(chunk))
      : this.claims.cut(chunk.word, from);
    const tail = this.#split(chunk, Math.min(at, chunk.size));
    // Without claims the worker does not know: it runs them all the same.
    if (this.claims !== undefined) this.budget += tail.size;
    return tail;
  }

  #split(chunk: JobChunk, at: number): JobChunk {
    this.#discount(chunk);
    const tail = chunk.split(at);
    this.#count(chunk);
    return tail;
  }

  /** Puts a chunk in words for the worker; adds to `transfer` what is handed over with it. */
  wire(chunk: JobChunk, transfer: Transferable[]): WireChunk {
    const { fn, policy } = chunk.job;
    const sole = policy.spread ? soleArguments(chunk.items) : undefined;
    const parcel = wrap(sole ?? chunk.items, transfersOf(chunk));
    transfer.push(...parcel.transfer);
    const { fn: place, ref } = this.#functions.name(fn);
    const wire = {
      id: chunk.id,
      word: chunk.word,
      fn: place,
      ref,
      items: parcel.packed,
      spread: policy.spread && sole === undefined,
      stopOnError: policy.stopOnError,
      prompt: this.#isPrompt(chunk),
    };
    // Each key costs, and most chunks are of one task.
    return this.#isEager(chunk) ? { ...wire, eager: true } : wire;
  }

  /** Its last value goes with the news that the chunk is over. */
  #isEager({ job, size }: JobChunk): boolean {
    return job.policy.eager === true && size > 1 && this.claims !== undefined;
  }

  /** A task may only be ended by those who know that it is the one that runs. */
  #isPrompt({ job }: JobChunk): boolean {
    const { timeout, abortable = false } = job.policy;
    return timeout !== undefined || (abortable && this.claims === undefined);
  }

  #count(chunk: JobChunk): void {
    const { cost } = chunk.job.fn;
    const { size } = chunk;
    chunk.estimate = size === 0 ? 0 : cost === undefined ? undefined : cost * size;
    if (chunk.estimate === undefined) this.#unknownCosts++;
    else this.#backlog += chunk.estimate;
  }
}

function isSame(a: Place, b: Place): boolean {
  return a.id === b.id && a.position === b.position;
}

/** Whether a chunk can be run by no other worker than the one that has it. */
export function isBound(chunk: JobChunk): boolean {
  return isHandedOver(chunk) || chunk.job.policy.pinned === true;
}

/** What the caller hands over with the tasks of a chunk. */
function transfersOf({ job, items, first }: JobChunk): Transferable[] {
  const { transfer } = job.policy;
  const transfers: Transferable[] = [];
  if (transfer === undefined) return transfers;
  for (const [at, item] of items.entries()) transfers.push(...transfer(item, first + at));
  return transfers;
}

/** The arguments themselves, if each list holds just one: they are cloned faster without it. */
function soleArguments(lists: Values): unknown[] | undefined {
  const sole: unknown[] = [];
  for (const list of lists) {
    if (!Array.isArray(list) || list.length !== 1) return undefined;
    sole.push(list[0]);
  }
  return sole;
}
