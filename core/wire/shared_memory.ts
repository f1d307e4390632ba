/**
 * What a worker and its pool both see at once: one worker's shared memory.
 *
 *     [ claim words | heard | kind of each | number of each | texts ]
 *
 * **Claim words** settle who may begin which task. Each chunk that a worker
 * holds has one: how many of its tasks have begun (low half) and how many may
 * begin (high half). The worker counts up before each task and after the last,
 * the pool lowers the limit; both atomically. So the pool can take back what
 * has not begun, and knows after a death what had. The uppermost bit is the
 * pool's request to send what is kept back.
 *
 *     31 30       16 15         0
 *     [?|  allowed  |   begun   ]
 *
 * **Values** of tasks that have ended take the rest. A worker keeps results
 * back for a moment, as many to a message cost little; but before the moment is
 * over the next task may block its thread for hours. So what is wanted at once
 * also stands here, unless it is an object. Only the worker writes kinds,
 * numbers and texts: it puts down the value of a task before it claims the next
 * one. So a pool that sees in the claim word that a task has begun may read all
 * values before its own, if the word says the same once they are read. Only the
 * pool writes `heard`: how many messages with results it has got.
 */

/** Most tasks that one chunk may hold: what half a word can count, with room to overshoot. */
export const MAX_CHUNK = 0x3fff;

/** Most chunks that one worker may hold. */
export const CLAIM_WORDS = 512;

const BEGUN = 0xffff;
const REQUEST = 1 << 31;

/** One worker's claim words, seen from either side. */
export class ClaimWords {
  readonly #words: Int32Array;
  readonly #onRequest: () => void;

  /**
   * @param memory What both sides see; the words stand at its beginning.
   * @param onRequest Called in the worker, before a task begins, when the pool has made a request.
   */
  constructor(memory: SharedArrayBuffer, onRequest: () => void = () => {}) {
    this.#words = new Int32Array(memory, 0, CLAIM_WORDS);
    this.#onRequest = onRequest;
  }

  /** Allows the first `count` tasks of a new chunk. */
  open(word: number, count: number): void {
    Atomics.store(this.#words, word, count << 16);
  }

  /** Called by the worker before each task: whether it may begin. */
  begin(word: number): boolean {
    const before = Atomics.add(this.#words, word, 1);
    if (before < 0) this.#answer(word);
    return (before & BEGUN) < (before & ~REQUEST) >>> 16;
  }

  #answer(word: number): void {
    Atomics.and(this.#words, word, ~REQUEST);
    this.#onRequest();
  }

  /** Makes a request, which is answered before the next task of a chunk begins. */
  request(word: number): void {
    Atomics.or(this.#words, word, REQUEST);
  }

  /** Called by the worker when the last task has ended: one more is counted, as if it had begun. */
  end(word: number): void {
    Atomics.add(this.#words, word, 1);
  }

  /** How many tasks have begun. */
  begun(word: number): number {
    return begunIn(Atomics.load(this.#words, word));
  }

  /** Position of the task that runs, or has run last; none if nothing runs, or nothing more may. */
  running(word: number): number | undefined {
    const now = Atomics.load(this.#words, word);
    const begun = now & BEGUN;
    return begun === 0 || begun > allowedIn(now) ? undefined : begun - 1;
  }

  /**
   * Forbids further tasks of a chunk, if just so many have begun and the last
   * of them has not ended, as far as the word can tell; tells whether it did.
   */
  freeze(word: number, begun: number): boolean {
    for (;;) {
      const now = Atomics.load(this.#words, word);
      // Above the limit is a worker that has asked for another task, or has ended the last.
      if ((now & BEGUN) !== begun || begun > allowedIn(now)) return false;
      const next = (begun << 16) | (now & BEGUN);
      if (Atomics.compareExchange(this.#words, word, now, next) === now) return true;
    }
  }

  /**
   * Forbids every task from position `from` on that has not begun.
   *
   * @returns The first position that will not run.
   */
  cut(word: number, from: number): number {
    for (;;) {
      const now = Atomics.load(this.#words, word);
      const allowed = Math.min(allowedIn(now), Math.max(from, now & BEGUN));
      const next = (now & REQUEST) | (allowed << 16) | (now & BEGUN);
      if (Atomics.compareExchange(this.#words, word, now, next) === now) return allowed;
    }
  }
}

/** How many tasks a word says have begun: workers count on where nothing may begin any more. */
function begunIn(word: number): number {
  return Math.min(word & BEGUN, allowedIn(word));
}

function allowedIn(word: number): number {
  return (word & ~REQUEST) >>> 16;
}

/** Most tasks of a chunk whose values are to be read here. */
export const MAX_SHARED = 4096;

/** Characters that all texts of a chunk may have together. */
const TEXT_LENGTH = 1 << 16;

/** Messages on their way to a busy pool after which results are kept together. */
const MAX_UNHEARD = 32;

const HEARD = CLAIM_WORDS;
/** An even number: what comes behind are numbers of eight bytes. */
const WORDS = CLAIM_WORDS + 2;
const KINDS_AT = WORDS * Int32Array.BYTES_PER_ELEMENT;
const NUMBERS_AT = KINDS_AT + MAX_SHARED;
const TEXTS_AT = NUMBERS_AT + MAX_SHARED * Float64Array.BYTES_PER_ELEMENT;

/** Bytes of one worker's shared memory. */
export const SHARED_BYTES: number = TEXTS_AT + TEXT_LENGTH * Uint16Array.BYTES_PER_ELEMENT;

/** What a value is, if it has a place: a number, unless it is noted. */
const Kind = { number: 0, none: 1, bigint: 2, text: 3, constant: 4 } as const;

/** More than any text is long: its start and its length share a number. */
const SPAN = 2 * TEXT_LENGTH;

/** Those with the kind `constant`, by the number that stands for them. */
const CONSTANTS: readonly unknown[] = [undefined, null, false, true];

/** One worker's values, seen from either side. */
export class SharedResults {
  readonly #words: Int32Array;
  readonly #kinds: Uint8Array;
  readonly #numbers: Float64Array;
  readonly #bigints: BigInt64Array;
  readonly #texts: Uint16Array;
  /** Characters of the chunk at hand. */
  #textEnd = 0;
  /** Behind the last kind that is not that of a number. */
  #kindsEnd = 0;
  #sent = 0;

  /** @param memory What both sides see, of {@linkcode SHARED_BYTES}. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#kinds = new Uint8Array(memory, KINDS_AT, MAX_SHARED);
    this.#numbers = new Float64Array(memory, NUMBERS_AT, MAX_SHARED);
    this.#bigints = new BigInt64Array(memory, NUMBERS_AT, MAX_SHARED);
    this.#texts = new Uint16Array(memory, TEXTS_AT, TEXT_LENGTH);
  }

  // The worker's side

  /** Begins with the values of another chunk. */
  begin(): void {
    if (this.#kindsEnd > 0) this.#kinds.fill(Kind.number, 0, this.#kindsEnd);
    this.#kindsEnd = this.#textEnd = 0;
  }

  /** Puts down the value at a position of the chunk; tells whether it has a place. */
  put(at: number, value: unknown): boolean {
    if (typeof value !== "number") return this.#putOther(at, value);
    this.#numbers[at] = value;
    return true;
  }

  /** Says that what a position has cannot be read here. */
  omit(at: number): void {
    this.#note(at, Kind.none);
  }

  /** Takes note that results were sent. */
  sent(): void {
    this.#sent++;
  }

  /** Whether the pool has heard so much of what was sent that a message of its own does no harm. */
  get isHeard(): boolean {
    return this.#sent - Atomics.load(this.#words, HEARD) < MAX_UNHEARD;
  }

  #putOther(at: number, value: unknown): boolean {
    if (typeof value === "string") return this.#note(at, this.#putText(at, value));
    if (typeof value === "bigint") return this.#note(at, this.#putBigint(at, value));
    const constant = CONSTANTS.indexOf(value);
    this.#numbers[at] = constant;
    return this.#note(at, constant < 0 ? Kind.none : Kind.constant);
  }

  #putText(at: number, text: string): number {
    const start = this.#textEnd;
    if (start + text.length > TEXT_LENGTH) return Kind.none;
    for (let index = 0; index < text.length; index++) {
      this.#texts[start + index] = text.charCodeAt(index);
    }
    this.#textEnd += text.length;
    this.#numbers[at] = start * SPAN + text.length;
    return Kind.text;
  }

  #putBigint(at: number, value: bigint): number {
    this.#bigints[at] = value;
    return BigInt.asIntN(64, value) === value ? Kind.bigint : Kind.none;
  }

  #note(at: number, kind: number): boolean {
    this.#kinds[at] = kind;
    this.#kindsEnd = Math.max(this.#kindsEnd, at + 1);
    return kind !== Kind.none;
  }

  // The pool's side

  /** Takes note that results have arrived. */
  heard(): void {
    Atomics.add(this.#words, HEARD, 1);
  }

  /** The values from one position to before another, as far as there is one after the other. */
  read(from: number, to: number): unknown[] {
    const values: unknown[] = [];
    for (let at = from; at < to && this.#kinds[at] !== Kind.none; at++) {
      values.push(this.#valueAt(at));
    }
    return values;
  }

  #valueAt(at: number): unknown {
    const number = this.#numbers[at] ?? 0;
    switch (this.#kinds[at]) {
      case Kind.number:
        return number;
      case Kind.constant:
        return CONSTANTS[number];
      case Kind.bigint:
        return this.#bigints[at];
      default:
        return this.#textAt(Math.floor(number / SPAN), number % SPAN);
    }
  }

  #textAt(start: number, length: number): string {
    let text = "";
    for (const unit of this.#texts.subarray(start, start + length)) {
      text += String.fromCharCode(unit);
    }
    return text;
  }
}
