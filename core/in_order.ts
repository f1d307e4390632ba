/** Brings what arrives in any order into the order that it should have. */
export class InOrder<Block extends ArrayLike<unknown>> {
  readonly #emit: (block: Block) => void;
  /** What came before something that is due earlier. */
  readonly #early = new Map<number, Block>();
  #due = 0;

  /** @param emit Takes the blocks in order. */
  constructor(emit: (block: Block) => void) {
    this.#emit = emit;
  }

  /** Takes items in a row, the first of them at an index. */
  add(first: number, block: Block): void {
    this.#early.set(first, block);
    for (;;) {
      const next = this.#early.get(this.#due);
      if (next === undefined) return;
      this.#early.delete(this.#due);
      this.#due += next.length;
      this.#emit(next);
    }
  }

  /** Drops what is not due yet. */
  clear(): void {
    this.#early.clear();
  }
}
