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

/** What a heap holds; no item is in two heaps. */
export interface HeapItem {
  /** Where the heap has it; the heap's own note, -1 outside of one. */
  at: number;
}

/**
 * A queue by rank of which every item can leave, or change its rank, without a
 * look at all the others. Each item goes before the two below it:
 *
 *          0
 *        /   \
 *       1     2
 *      / \   / \
 *     3   4 5   6
 */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #goesBefore: (one: T, other: T) => boolean;

  /** @param goesBefore Whether an item goes before another. */
  constructor(goesBefore: (one: T, other: T) => boolean) {
    this.#goesBefore = goesBefore;
  }

  /** How many items there are. */
  get size(): number {
    return this.#items.length;
  }

  /** The item that goes before all others. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item where it belongs: a new one, or one whose rank has changed. */
  put(item: T): void {
    if (item.at < 0) item.at = this.#items.push(item) - 1;
    this.#rise(item);
    this.#sink(item);
  }

  /** Takes an item out, if it is in. */
  remove(item: T): void {
    const { at } = item;
    const last = at < 0 ? undefined : this.#items.pop();
    item.at = -1;
    if (last === undefined || last === item) return;
    this.#set(at, last);
    this.put(last);
  }

  /** Goes over the items, the first one first, the others in no certain order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }

  #rise(item: T): void {
    while (item.at > 0) {
      const parent = this.#items[(item.at - 1) >> 1];
      if (parent === undefined || !this.#goesBefore(item, parent)) return;
      this.#swap(item, parent);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const child = this.#firstOf(item.at * 2 + 1, item.at * 2 + 2);
      if (child === undefined || !this.#goesBefore(child, item)) return;
      this.#swap(item, child);
    }
  }

  /** Engines are slow to look where an array has nothing. */
  #firstOf(left: number, right: number): T | undefined {
    const { length } = this.#items;
    const one = left < length ? this.#items[left] : undefined;
    const other = right < length ? this.#items[right] : undefined;
    return one && other && this.#goesBefore(other, one) ? other : one;
  }

  #swap(one: T, other: T): void {
    const { at } = one;
    this.#set(other.at, one);
    this.#set(at, other);
  }

  #set(at: number, item: T): void {
    this.#items[at] = item;
    item.at = at;
  }
}
