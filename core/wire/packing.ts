import {
  type Columns,
  isColumns,
  isPackedNumbers,
  type PackedNumbers,
  packNumbers,
  packObjects,
  unpackObjects,
} from "./packed_lists.ts";

/**
 * Values on their way between threads: many numbers, or many objects of one
 * kind, have a form that is copied several times faster. What arrives is what a
 * structured clone of the list would have been.
 */
export type Packed = readonly unknown[] | PackedNumbers | Columns;

/** Values that have arrived, to be read by index. */
export type Values = readonly unknown[] | PackedNumbers;

/** Fewer values are copied as fast as they are. */
export const MIN_PACKED = 32;

/** Values ready to be sent. */
export interface Parcel {
  readonly packed: Packed;
  /** What is handed over with them. */
  readonly transfer: readonly Transferable[];
}

/**
 * Makes values ready to be sent.
 *
 * @param transfer What of them their owner hands over: then they stay as they are.
 */
export function wrap(values: Values, transfer: readonly Transferable[]): Parcel {
  if (transfer.length > 0) return { packed: values, transfer };
  const view = values.length === 1 ? copyOfView(values[0]) : undefined;
  if (view !== undefined) return { packed: [view], transfer: [view.buffer] };
  const packed = pack(values);
  // What was packed here has no other owner.
  return { packed, transfer: packed === values ? [] : buffersOf(packed) };
}

function buffersOf(packed: Packed): ArrayBuffer[] {
  const lists = isColumns(packed, Infinity) ? packed.columns : [packed];
  return lists.flatMap((list) => isPackedNumbers(list) ? [list.buffer] : []);
}

/** A piece of a list; numbers at once in the form in which they travel. */
export function pieceOf(values: readonly unknown[], from: number, to: number): Values {
  const numbers = to - from < MIN_PACKED ? undefined : packNumbers(values, from, to);
  return numbers ?? values.slice(from, to);
}

/** Brings values into the form in which they travel best. */
export function pack(values: Values): Packed {
  if (isPackedNumbers(values) || values.length < MIN_PACKED) return values;
  return packNumbers(values) ?? packObjects(values) ?? withoutHoles(values);
}

/** Engines clone an array with holes, or that might have some, several times slower. */
function withoutHoles(values: readonly unknown[]): unknown[] {
  const dense: unknown[] = [];
  for (let at = 0; at < values.length; at++) dense.push(values[at]);
  return dense;
}

/** The values again. */
export function unpack(packed: Packed): Values {
  return isColumns(packed, Infinity) ? unpackObjects(packed) : packed;
}

/** Whether something that arrived is packed values, at most so many. */
export function isPacked(value: unknown, limit: number): value is Packed {
  if (Array.isArray(value) || isPackedNumbers(value)) return value.length <= limit;
  return isColumns(value, limit);
}

/** From so many bytes on, a copy that is handed over arrives sooner than one that the platform makes. */
const MIN_BYTES = 1 << 16;

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype);

/** What typed arrays have in common that counts here. */
interface View extends ArrayBufferView<ArrayBuffer> {
  slice(): View;
}

/**
 * A copy that may be handed over, of a large typed array: then it is copied
 * once, and not into the message and out of it again.
 */
export function copyOfView(value: unknown): View | undefined {
  return isLargeView(value) ? value.slice() : undefined;
}

/** Whether a slice of something is what a structured clone would be: all of its memory, and not a subclass. */
function isLargeView(value: unknown): value is View {
  if (!ArrayBuffer.isView(value) || value.byteLength < MIN_BYTES) return false;
  const { buffer } = value;
  return buffer instanceof ArrayBuffer && !buffer.resizable &&
    value.byteLength === buffer.byteLength &&
    Object.getPrototypeOf(Object.getPrototypeOf(value)) === TypedArray;
}
