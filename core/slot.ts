import { adaptiveChunkSize, CHUNK_MS } from "./chunking.ts";
import { CLAIM_WORDS, Claims, MAX_CHUNK } from "./claims.ts";
import { FunctionPlaces } from "./places.ts";
import type { Job, JobChunk } from "./job.ts";
import { type Values, wrap } from "./packing.ts";
import type { WireChunk } from "./protocol.ts";
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

/** One worker as the scheduler sees it. */
export class Slot {
  readonly name: string;
  /** Whoever runs the worker. */
  readonly worker: WorkerControl;
  readonly memory: SharedArrayBuffer | undefined = Claims.allocate();
  readonly claims: Claims | undefined;
  /** Chunks that it was sent and has not ended, in the order in which it runs them. */
  readonly chunks: JobChunk[] = [];
  /** Chunks that only this worker may run. */
  pinned: JobChunk[] = [];
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
  proven = false;
  /** When it last became idle, as a count. */
  idleSince = 0;
  readonly #functions = new FunctionPlaces();
  #sent = 0;
  #backlog = 0;
  #unknownCosts = 0;

  constructor(
    name: string,
    budget: number,
    predecessor: Slot | undefined,
    hire: (slot: Slot) => WorkerControl,
  ) {
    this.name = name;
    this.budget = budget;
    this.predecessor = predecessor;
    this.claims = this.memory && new Claims(this.memory);
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
    const { chunkSize, timeout, transfer } = job.policy;
    // What is transferred cannot be sent again; what may be cut off must not hide what had begun.
    if (transfer !== undefined) return 1;
    if (timeout !== undefined && this.claims === undefined) return 1;
    const size = chunkSize ?? adaptiveChunkSize(job.fn.cost, job.remaining, workers);
    return Math.min(size, this.budget, MAX_CHUNK);
  }

  /** Takes a chunk to run. */
  give(chunk: JobChunk): void {
    chunk.id = this.#sent++;
    chunk.word = chunk.id % CLAIM_WORDS;
    chunk.isTold = this.#isPrompt(chunk) || chunk.size === 1;
    this.claims?.open(chunk.word, chunk.size);
    this.chunks.push(chunk);
    this.budget -= chunk.size;
    this.#count(chunk, chunk.job.fn.cost);
  }

  /** Takes a chunk back whose message did not get through. */
  ungive(chunk: JobChunk): void {
    this.chunks.splice(this.chunks.indexOf(chunk), 1);
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

  /** How many tasks of a chunk have begun, as far as anybody can know. */
  begun(chunk: JobChunk): number {
    if (this.claims !== undefined) {
      // What has a result has begun, whatever a task may have written into the memory.
      return Math.min(Math.max(chunk.next, this.claims.begun(chunk.word)), chunk.size);
    }
    const isFirst = this.chunks[0] === chunk && !this.loading;
    if (isFirst && !chunk.isTold) return chunk.size;
    return Math.min(chunk.next + (isFirst ? 1 : 0), chunk.size);
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
    const tail = chunk.split(Math.min(at, chunk.size));
    // Without claims nobody tells the worker: it runs them all the same.
    if (this.claims !== undefined) this.budget += tail.size;
    return tail;
  }

  /** Puts a chunk in words for the worker; adds to `transfer` what is handed over with it. */
  wire(chunk: JobChunk, transfer: Transferable[]): WireChunk {
    const { fn, policy } = chunk.job;
    const sole = policy.spread ? soleArguments(chunk.items) : undefined;
    const parcel = wrap(sole ?? chunk.items, transfersOf(chunk));
    transfer.push(...parcel.transfer);
    return {
      id: chunk.id,
      word: chunk.word,
      ...this.#functions.name(fn),
      items: parcel.packed,
      spread: policy.spread && sole === undefined,
      stopOnError: policy.stopOnError,
      prompt: this.#isPrompt(chunk),
    };
  }

  /** Whoever may end a task must know which one runs. */
  #isPrompt({ job }: JobChunk): boolean {
    const { timeout, abortable = false } = job.policy;
    return timeout !== undefined || (abortable && this.claims === undefined);
  }

  #count(chunk: JobChunk, cost: number | undefined): void {
    chunk.estimate = cost === undefined ? undefined : cost * chunk.size;
    if (chunk.estimate === undefined) this.#unknownCosts++;
    else this.#backlog += chunk.estimate;
  }
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
