import { CLAIM_WORDS } from "./claims.ts";

/**
 * Values of tasks that have ended, in memory that the pool can read.
 *
 * A worker keeps results back for a moment, as many to a message cost little;
 * but before the moment is over the next task may block its thread for hours.
 * So what is wanted at once also stands here, unless it is an object:
 *
 *     [ claim words | heard | kind of each | number of each | texts ]
 *
 * The worker puts down the value of a task before it claims the next one. So
 * a pool that sees in the claim word that a task has begun may read all values
 * before its own, if the word says the same once they are read.
 */

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
const BYTES = TEXTS_AT + TEXT_LENGTH * Uint16Array.BYTES_PER_ELEMENT;

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

  /** Memory for a worker's claims and values, or `undefined` where the platform shares none. */
  static allocate(): SharedArrayBuffer | undefined {
    if (typeof SharedArrayBuffer === "undefined") return undefined;
    return new SharedArrayBuffer(BYTES);
  }

  /** @param memory What {@linkcode SharedResults.allocate} gave. */
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
