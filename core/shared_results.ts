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
 * whoever sees in the claim word that a task has begun may read all values
 * before its own, if the word says the same once they are read.
 */

/** Tasks of a chunk whose values have a place. */
const PLACES = 4096;

/** Characters that all texts of a chunk may have together. */
const TEXT_LENGTH = 1 << 16;

/** Messages on their way to a busy pool after which results are kept together. */
const MAX_UNHEARD = 32;

const HEARD = CLAIM_WORDS;
/** An even number: what comes behind are numbers of eight bytes. */
const WORDS = CLAIM_WORDS + 2;
const KINDS_AT = WORDS * Int32Array.BYTES_PER_ELEMENT;
const NUMBERS_AT = KINDS_AT + PLACES;
const TEXTS_AT = NUMBERS_AT + PLACES * Float64Array.BYTES_PER_ELEMENT;
const BYTES = TEXTS_AT + TEXT_LENGTH * Uint16Array.BYTES_PER_ELEMENT;

/** What a value is; nothing that is not here has a place. */
const Kind = { none: 0, number: 1, bigint: 2, text: 3, constant: 4 } as const;

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
  #sent = 0;

  /** Memory for a worker's claims and values, or `undefined` where the platform shares none. */
  static allocate(): SharedArrayBuffer | undefined {
    if (typeof SharedArrayBuffer === "undefined") return undefined;
    return new SharedArrayBuffer(BYTES);
  }

  /** @param memory What {@linkcode SharedResults.allocate} gave. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#kinds = new Uint8Array(memory, KINDS_AT, PLACES);
    this.#numbers = new Float64Array(memory, NUMBERS_AT, PLACES);
    this.#bigints = new BigInt64Array(memory, NUMBERS_AT, PLACES);
    this.#texts = new Uint16Array(memory, TEXTS_AT, TEXT_LENGTH);
  }

  // The worker's side

  /** Begins with the values of another chunk. */
  begin(): void {
    this.#textEnd = 0;
  }

  /** Puts down the value at a position of the chunk; tells whether it has a place. */
  put(at: number, value: unknown): boolean {
    if (at >= PLACES) return false;
    if (typeof value !== "number") return this.#putOther(at, value);
    this.#kinds[at] = Kind.number;
    this.#numbers[at] = value;
    return true;
  }

  #putOther(at: number, value: unknown): boolean {
    if (typeof value === "string") return this.#putText(at, value);
    if (typeof value === "bigint") return this.#putBigint(at, value);
    const constant = CONSTANTS.indexOf(value);
    return this.#place(at, constant < 0 ? Kind.none : Kind.constant, constant);
  }

  /** Says that what a position has cannot be read here. */
  omit(at: number): void {
    this.#kinds[at] = Kind.none;
  }

  /** Takes note that results were sent. */
  sent(): void {
    this.#sent++;
  }

  /** Whether the pool has heard so much of what was sent that a message of its own does no harm. */
  get isHeard(): boolean {
    return this.#sent - Atomics.load(this.#words, HEARD) < MAX_UNHEARD;
  }

  #putText(at: number, text: string): boolean {
    const start = this.#textEnd;
    if (start + text.length > TEXT_LENGTH) return this.#place(at, Kind.none, 0);
    for (let index = 0; index < text.length; index++) {
      this.#texts[start + index] = text.charCodeAt(index);
    }
    this.#textEnd += text.length;
    return this.#place(at, Kind.text, start * SPAN + text.length);
  }

  #putBigint(at: number, value: bigint): boolean {
    if (BigInt.asIntN(64, value) !== value) return this.#place(at, Kind.none, 0);
    this.#bigints[at] = value;
    this.#kinds[at] = Kind.bigint;
    return true;
  }

  #place(at: number, kind: number, number: number): boolean {
    this.#kinds[at] = kind;
    this.#numbers[at] = number;
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
    for (let at = from; at < to && (this.#kinds[at] ?? Kind.none) !== Kind.none; at++) {
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
