import {
  copyPacked,
  MIN_PACKED,
  type PackedNumbers,
  type Parcel,
  type Values,
  wrap,
} from "./packing.ts";

/** Most numbers that are kept without a list: as many as the pool itself puts into a chunk. */
const MAX_NUMBERS = 8192;

/**
 * Values that come one by one, to be sent together. As long as they are numbers they go straight
 * into memory from which they are packed: a list that grows costs more than tiny tasks do.
 */
export class Gathered {
  #numbers: Float64Array<ArrayBuffer> | undefined;
  #count = 0;
  /** All of them, once they are not numbers alone. */
  #values: unknown[] = [];

  /** How many there are. */
  get length(): number {
    return this.#count + this.#values.length;
  }

  /** Adds a value. */
  push(value: unknown): void {
    if (typeof value === "number" && this.#values.length === 0 && this.#count < MAX_NUMBERS) {
      this.#numbers ??= new Float64Array(MAX_NUMBERS);
      this.#numbers[this.#count++] = value;
    } else {
      this.#list().push(value);
    }
  }

  /**
   * Makes them ready to be sent; they stay here as well.
   *
   * @param transfer What of them their owner hands over.
   * @throws {DataCloneError} If a value is of a kind that arrives empty on some platforms.
   */
  wrap(transfer: readonly Transferable[]): Parcel {
    const packed = this.#packed();
    return packed === undefined
      ? wrap(this.#list(), transfer)
      : { packed, transfer: [packed.buffer], isShallow: true };
  }

  /** Takes all of them away; numbers in the form in which they travel. */
  take(): Values {
    const values = this.#packed() ?? this.#list();
    this.clear();
    return values;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#count = 0;
    this.#values = [];
  }

  #packed(): PackedNumbers | undefined {
    if (this.#numbers === undefined || this.#count < MIN_PACKED) return undefined;
    return copyPacked(this.#numbers.subarray(0, this.#count));
  }

  #list(): unknown[] {
    for (let at = 0; at < this.#count; at++) this.#values.push(this.#numbers?.[at]);
    this.#count = 0;
    return this.#values;
  }
}
