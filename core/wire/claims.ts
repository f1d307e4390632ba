/**
 * Who may begin which task, settled in shared memory.
 *
 * Each chunk that a worker holds has one word: how many of its tasks have begun
 * (low half) and how many may begin (high half). The worker counts up before
 * each task and after the last, the pool lowers the limit; both atomically. So
 * the pool can take back what has not begun, and knows after a death what had.
 * The uppermost bit is the pool's request to send what is kept back.
 *
 *     31 30       16 15         0
 *     [?|  allowed  |   begun   ]
 */

/** Most tasks that one chunk may hold: what half a word can count, with room to overshoot. */
export const MAX_CHUNK = 0x3fff;

/** Most chunks that one worker may hold. */
export const CLAIM_WORDS = 512;

const BEGUN = 0xffff;
const REQUEST = 1 << 31;

/** One worker's claim words, seen from either side. */
export class Claims {
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
