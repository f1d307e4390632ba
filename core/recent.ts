/** Keeps the last so many of things that come again; what was used longest ago goes. */
export class Recent<K, V> {
  readonly #limit: number;
  /** Those used longest ago come first. */
  readonly #entries = new Map<K, V>();
  /** The key that was used last, which mostly is the next one as well. */
  #latest: K | undefined;

  /** @param limit Most entries. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Finds an entry, which thereby is the one used last. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || key === this.#latest) return value;
    this.#latest = key;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Adds an entry that is not there yet. */
  add(key: K, value: V): void {
    this.makeRoom();
    this.#latest = key;
    this.#entries.set(key, value);
  }

  /** Drops an entry if there is no room for another; gives what it dropped. */
  makeRoom(): V | undefined {
    if (this.#entries.size < this.#limit) return undefined;
    for (const [key, value] of this.#entries) {
      this.#entries.delete(key);
      return value;
    }
    return undefined;
  }
}
