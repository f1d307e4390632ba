import { isArrayBuffer, typedArrayKind } from "../brands.ts";
import { copyOfLarge, withoutLargeBuffers } from "./views.ts";
import { isRecord, isText, listOf } from "./shapes.ts";

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
  /** Whether they are so shallow that any thread can read them. */
  readonly isShallow: boolean;
}

/**
 * Makes values ready to be sent.
 *
 * @param transfer What of them their owner hands over.
 * @param areLists Whether each is the list of a task's arguments.
 * @throws {DataCloneError} If a value is of a kind that arrives empty on some platforms.
 * @throws What a getter throws.
 */
export function wrap(
  values: Values,
  transfer: readonly Transferable[],
  areLists: boolean = false,
): Parcel {
  const packed = transfer.length > 0 ? undefined : packAlike(values);
  if (packed !== undefined) {
    // What was packed here has no other owner.
    return { packed, transfer: packed === values ? [] : buffersOf(packed), isShallow: true };
  }
  if (areSimple(values)) return { packed: denseOf(values), transfer, isShallow: true };
  const handed: ArrayBuffer[] = [];
  const own = withoutLargeBuffers(values, { areLists, transfer, handed });
  const isShallow = false;
  if (own.length === 1 && transfer.length === 0) {
    return { packed: [copyOfLarge(own[0], handed)], transfer: handed, isShallow };
  }
  return { packed: denseOf(own), transfer: [...transfer, ...handed], isShallow };
}

/** Whether all are primitive values, or plain objects of such: most are, and need no further look. */
function areSimple(values: Values): boolean {
  let at = 0;
  try {
    for (; at < values.length; at++) if (!isSimple(values[at])) return false;
    return true;
  } catch (error) {
    // A getter or a trap that throws: what the platform says of it comes first.
    structuredClone(values[at]);
    throw error;
  }
}

function isSimple(value: unknown): boolean {
  return typeof value !== "object" || value === null || (isPlain(value) && holdsPrimitives(value));
}

/** A copy of numbers in the form in which they travel. */
export function copyPacked(floats: Float64Array): PackedNumbers {
  return areInts(floats) ? new Int32Array(floats) : new Float64Array(floats);
}

function areInts(floats: Float64Array): boolean {
  for (let at = 0; at < floats.length; at++) if (!isInt(floats[at])) return false;
  return true;
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
  return packAlike(values) ?? denseOf(values);
}

/** Numbers, or objects of one kind, in the form in which they travel best, if there are many. */
function packAlike(values: Values): Packed | undefined {
  if (isPackedNumbers(values)) return values;
  if (values.length < MIN_PACKED) return undefined;
  return packNumbers(values) ?? packObjects(values);
}

/** Engines clone an array with holes, or that might have some, several times slower. */
function denseOf(values: Values): Values {
  if (values.length < MIN_PACKED) return values;
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

// Numbers

/** Numbers as they travel. */
export type PackedNumbers = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * Numbers as a typed array: of integers if that is what they all are, as
 * engines run code several times slower on integers that they hold as floats.
 */
function packNumbers(
  values: readonly unknown[],
  from = 0,
  to: number = values.length,
): PackedNumbers | undefined {
  if (typeof values[from] !== "number") return undefined;
  const ints = new Int32Array(to - from);
  for (let at = from; at < to; at++) {
    const value = values[at];
    if (!isInt(value)) return packFloats(values, from, to);
    ints[at - from] = value;
  }
  return ints;
}

function packFloats(
  values: readonly unknown[],
  from: number,
  to: number,
): Float64Array<ArrayBuffer> | undefined {
  const floats = new Float64Array(to - from);
  for (let at = from; at < to; at++) {
    const value = values[at];
    if (typeof value !== "number") return undefined;
    floats[at - from] = value;
  }
  return floats;
}

/** The numbers that objects have under a key, without a list in between. */
function packProperty(
  objects: readonly Readonly<Record<string, unknown>>[],
  key: string,
): PackedNumbers | undefined {
  if (typeof objects[0]?.[key] !== "number") return undefined;
  const floats = new Float64Array(objects.length);
  for (let at = 0; at < objects.length; at++) {
    const value = objects[at]?.[key];
    if (typeof value !== "number") return undefined;
    floats[at] = value;
  }
  return areInts(floats) ? new Int32Array(floats) : floats;
}

/** Floats of which those that are integers are such to the engine again. */
export function restoreInts(floats: Float64Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < floats.length; at++) {
    const value = floats[at];
    values.push(isInt(value) ? value | 0 : Number(value));
  }
  return values;
}

/** Whether something is what {@linkcode packNumbers} makes. */
function isPackedNumbers(value: unknown): value is PackedNumbers {
  const kind = typedArrayKind(value);
  // What is shared, its sender could still change.
  return (kind === "Int32Array" || kind === "Float64Array") &&
    isArrayBuffer((value as PackedNumbers).buffer);
}

/** Whether values travel as numbers that are not all integers. */
export function isFloats(values: Values): values is Float64Array<ArrayBuffer> {
  return typedArrayKind(values) === "Float64Array";
}

/** Whether a value is a 32-bit integer; -0 is none. */
function isInt(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value && (value !== 0 || 1 / value > 0);
}

// Objects of one kind

type Column = readonly unknown[] | PackedNumbers;

/** Objects with the same keys, as one list for each key. */
interface Columns {
  /** The keys, in their order. */
  readonly keys: readonly string[];
  /** For each key the values of all objects. */
  readonly columns: readonly Column[];
  /** The first object as it is: what cannot be cloned, such as a proxy, must be refused here as well. */
  readonly sample: unknown;
}

/** Objects of more keys gain little. */
const MAX_KEYS = 16;

/** Places at which objects are looked at before all of them are: most that differ do so there. */
const LOOKS = 8;

/**
 * Plain objects that have the same keys, hold nothing but shallow values, and
 * are all different ones: then nothing of them is lost in columns.
 */
function packObjects(values: readonly unknown[]): Columns | undefined {
  const sample = values[0];
  if (!isPlain(sample)) return undefined;
  const keys = Object.keys(sample);
  if (keys.length === 0 || keys.length > MAX_KEYS || keys.some(isInherited)) return undefined;
  // They may be the arguments of functions, which cannot be cloned.
  if (keys[0] === "0") return undefined;
  const samples = samplesOf(values);
  if (!haveKeys(samples, keys) || !samples.every(isFlat)) return undefined;
  if (!haveKeys(values, keys)) return undefined;
  const columns: Column[] = [];
  for (const key of keys) {
    const column = packProperty(values, key) ?? columnOf(values, key);
    if (column === undefined) return undefined;
    columns.push(column);
  }
  return areDistinct(values, keys, columns) ? { keys, columns, sample } : undefined;
}

/** The objects again. */
function unpackObjects({ keys, columns }: Columns): Record<string, unknown>[] {
  const objects: Record<string, unknown>[] = [];
  const size = columns[0]?.length ?? 0;
  for (let at = 0; at < size; at++) {
    const object: Record<string, unknown> = {};
    for (let key = 0; key < keys.length; key++) object[keys[key] ?? ""] = columns[key]?.[at];
    objects.push(object);
  }
  return objects;
}

/** Whether something is what {@linkcode packObjects} makes, of at most so many objects. */
function isColumns(value: unknown, limit: number): value is Columns {
  if (!isRecord(value)) return false;
  const { keys, columns } = value;
  if (!areTexts(keys) || !areColumns(columns) || keys.length !== columns.length) return false;
  // The one key that no assignment makes a property.
  if (keys.length > MAX_KEYS || keys.includes("__proto__")) return false;
  const size = columns[0]?.length ?? Infinity;
  return size <= limit && columns.every(({ length }) => length === size);
}

const areTexts = listOf<string>(isText);
const areColumns = listOf<Column>((value) => Array.isArray(value) || isPackedNumbers(value));

/** Setting such a key would not make a property of the object's own. */
function isInherited(key: string): boolean {
  return key in Object.prototype;
}

type PlainObject = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** Some of the values, from the first to the last. */
function samplesOf(values: readonly unknown[]): unknown[] {
  const samples: unknown[] = [];
  for (let look = 0; look < LOOKS; look++) {
    samples.push(values[Math.floor(look * (values.length - 1) / (LOOKS - 1))]);
  }
  return samples;
}

/** Whether an object's properties have values, without a call of their getters, that are shallow. */
function isFlat(object: object): boolean {
  return Object.values(Object.getOwnPropertyDescriptors(object)).every(
    (property) => Object.hasOwn(property, "value") && isShallow(property.value),
  );
}

function haveKeys(
  values: readonly unknown[],
  keys: readonly string[],
): values is readonly PlainObject[] {
  for (const value of values) {
    if (!isPlain(value)) return false;
    let at = 0;
    // Without a list of them; what is inherited is not among the keys.
    for (const key in value) if (key !== keys[at++]) return false;
    if (at !== keys.length) return false;
  }
  return true;
}

/** Whether no object is there twice: often a key counts them, which is seen sooner than a set is made. */
function areDistinct(
  objects: readonly PlainObject[],
  keys: readonly string[],
  columns: readonly Column[],
): boolean {
  const areCounted = keys.some((key, at) => ascends(objects, key, columns[at] ?? []));
  return areCounted || new Set(objects).size === objects.length;
}

/** Whether a key's numbers, as they were read, are each greater than the one before it. */
function ascends(objects: readonly PlainObject[], key: string, numbers: Column): boolean {
  if (!isPackedNumbers(numbers)) return false;
  for (let at = 0; at < objects.length; at++) {
    const number = Number(numbers[at]);
    if (at > 0 && number <= Number(numbers[at - 1])) return false;
    // Read again, as a getter may count how often it is read; and NaN is not equal to itself.
    if (objects[at]?.[key] !== number) return false;
  }
  return true;
}

/** The values of one key, if none of them leads to one of the objects. */
function columnOf(objects: readonly PlainObject[], key: string): unknown[] | undefined {
  const column: unknown[] = [];
  for (const object of objects) {
    const value = object[key];
    if (!isShallow(value)) return undefined;
    column.push(value);
  }
  return column;
}

/** Whether a value is a primitive one, or a list or plain object of such: what is within stays as it is. */
function isShallow(value: unknown): boolean {
  if (isPrimitive(value)) return true;
  return Array.isArray(value)
    ? isListOfPrimitives(value)
    : isPlain(value) && holdsPrimitives(value);
}

function isListOfPrimitives(list: readonly unknown[]): boolean {
  for (let at = 0; at < list.length; at++) if (!isPrimitive(list[at])) return false;
  const keys = Object.keys(list);
  if (keys.length !== list.length) return false;
  // Indices come first: behind as many as there are elements there is no name instead of one.
  return keys.length === 0 || keys.at(-1) === String(list.length - 1);
}

function holdsPrimitives(object: PlainObject): boolean {
  for (const key in object) if (!isPrimitive(object[key])) return false;
  return true;
}

/** Whether a value is copied as what it is; a symbol cannot be copied at all. */
export function isPrimitive(value: unknown): boolean {
  return value === null ||
    (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol");
}
