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
