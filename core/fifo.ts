/**
 * A first-in, first-out line.
 *
 * `Array.shift` moves every element behind it, which costs milliseconds once a
 * line is long. Here the head only advances; the dead front is cut off when it
 * is long and at least half of the array:
 *
 *     [ -, -, -, a, b, c ]
 *                ^ head
 */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** How many elements wait. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The next element, which stays. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Adds an element at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Puts an element before all others. */
  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else this.#items.unshift(item);
  }

  /** Puts an element before the first one that is later, where all are in order. */
  insert(item: T, isLater: (other: T) => boolean): void {
    const last = this.#items.at(-1);
    if (last === undefined || !isLater(last)) return this.push(item);
    const at = this.#items.findIndex((other) => other !== undefined && isLater(other));
    if (at === this.#head) this.unshift(item);
    else this.#items.splice(at, 0, item);
  }

  /** Takes the next element. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    this.#compact();
    return item;
  }

  /** Takes an element out of the middle; tells whether it was there. */
  remove(item: T): boolean {
    // Those that leave mostly do so in the order in which they came, or against it.
    if (item === this.peek()) return this.shift() !== undefined;
    const at = this.#items.lastIndexOf(item);
    if (at < this.#head) return false;
    this.#items.splice(at, 1);
    return true;
  }

  /** Keeps only the elements that pass. */
  retain(passes: (item: T) => boolean): void {
    this.#items = [...this].filter(passes);
    this.#head = 0;
  }

  /** Goes over the elements, from the front. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let at = this.#head; at < this.#items.length; at++) {
      // Between head and end every place is filled.
      yield this.#items[at] as T;
    }
  }

  #compact(): void {
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
