import { isArrayBuffer, isPlainObject, tagOf, typedArrayKind } from "../brands.ts";
import { objectsIn } from "./contents.ts";

/** A view of memory that belongs to nobody else. */
type View = ArrayBufferView<ArrayBuffer>;

/** From so many bytes on, a copy that is handed over arrives sooner than one that the platform makes. */
const MIN_BYTES = 1 << 16;

/** Of these some platforms make `{}`, and others nothing. */
const REFUSED = new Set([
  "AbortSignal",
  "Headers",
  "Request",
  "Response",
  "URL",
  "URLSearchParams",
]);

/** How values are to be sent. */
export interface Consignment {
  /** Whether each is the list of a task's arguments, or the one value of a task. */
  readonly areLists: boolean;
  /** What of them their owner hands over: that is left as it is. */
  readonly transfer: readonly Transferable[];
  /** Gets what is handed over besides. */
  readonly handed: ArrayBuffer[];
}

/**
 * The same values, but for views of a small part of a large buffer: the
 * platform would send the whole of it with each message. They are copied, where
 * a task cannot notice it: the view is the value of a task, or stands directly
 * in a list or plain object that is one, and nothing else there sees its buffer.
 *
 * @throws {DataCloneError} If a value is of a kind that arrives empty on some platforms.
 * @throws What a getter throws, or the platform says of a value that cannot be read.
 */
export function withoutLargeBuffers<V extends ArrayLike<unknown>>(
  values: V,
  how: Consignment,
): V | readonly unknown[] {
  let copies: unknown[] | undefined;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== "object" || value === null) continue;
    if (!how.areLists) refuseEmptied(value);
    else if (Array.isArray(value)) value.forEach(refuseEmptied);
    const copy = copyIfPart(value, how);
    if (copy === value) continue;
    copies ??= Array.from<unknown>(values);
    copies[at] = copy;
  }
  return copies ?? values;
}

/** The same for one list of arguments, none of which is handed over. */
export function ownArguments(args: readonly unknown[]): readonly unknown[] {
  const [own] = withoutLargeBuffers([args], { areLists: true, transfer: [], handed: [] });
  return own as readonly unknown[];
}

function refuseEmptied(value: unknown): void {
  const kind = typeof value === "object" && value !== null ? emptiedKind(value) : undefined;
  if (kind === undefined) return;
  throw new DOMException(`${kind} object could not be cloned.`, "DataCloneError");
}

/** The kind of a value of which a clone would have nothing. */
function emptiedKind(value: object): string | undefined {
  try {
    // In this order, as most values are such, and are known soonest.
    if (Object.getPrototypeOf(value) === Object.prototype) return undefined;
    if (ArrayBuffer.isView(value) || Array.isArray(value)) return undefined;
    const tag = tagOf(value);
    return REFUSED.has(tag) ? tag : undefined;
  } catch {
    // It does not let itself be looked at: whether it can be cloned will show.
    return undefined;
  }
}

function copyIfPart(value: object, how: Consignment): unknown {
  try {
    return mayHoldParts(value, how.areLists ? 2 : 1) ? copyParts(value, how) : value;
  } catch (error) {
    // A getter or a trap that throws: what the platform says of it comes first.
    structuredClone(value);
    throw error;
  }
}

/** Whether a value is a view of a small part, or holds one so many levels deep at most. */
function mayHoldParts(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  // Asked first, as most values are such, and are known soonest.
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain && ArrayBuffer.isView(value)) return isPart(value);
  if (depth === 0) return false;
  if (Array.isArray(value)) return mayElementsHoldParts(value, depth - 1);
  if (!isPlain && !isPlainObject(value)) return false;
  for (const key in value) {
    const content = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof content === "object" && mayHoldParts(content, depth - 1)) return true;
  }
  return false;
}

function mayElementsHoldParts(list: readonly unknown[], depth: number): boolean {
  for (let at = 0; at < list.length; at++) {
    const element = list[at];
    if (typeof element === "object" && mayHoldParts(element, depth)) return true;
  }
  return false;
}

function isPart({ buffer, byteLength }: ArrayBufferView): boolean {
  return byteLength * 2 < buffer.byteLength && isArrayBuffer(buffer) && !buffer.resizable;
}

function copyParts(value: object, { areLists, transfer, handed }: Consignment): unknown {
  const census = countAll(value);
  const copy = (part: unknown, depth: number): unknown => {
    if (ArrayBuffer.isView(part)) {
      const isShared = transfer.includes(part.buffer as ArrayBuffer) ||
        census.get(part.buffer) !== 1;
      return isShared || !isPart(part) ? part : copyOf(part as View, handed);
    }
    // What is there twice must stay one.
    if (!mayHoldParts(part, depth) || !isContainer(part) || census.get(part) !== 1) return part;
    const contents = Object.entries(part);
    const copies = contents.map(([key, content]) => [key, copy(content, depth - 1)] as const);
    if (copies.every(([, content], at) => Object.is(content, contents[at]?.[1]))) return part;
    return Array.isArray(part) ? copies.map(([, content]) => content) : Object.fromEntries(copies);
  };
  return copy(value, areLists ? 2 : 1);
}

/** Whether an object is a list without holes or properties, or a plain object. */
function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) ? Object.keys(value).length === value.length : isPlainObject(value);
}

/** How often each object stands within a value, and each buffer is seen there. */
function countAll(value: object): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  const left = [value];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const seen = ArrayBuffer.isView(part) ? part.buffer : part;
    const count = counts.get(seen) ?? 0;
    counts.set(seen, count + 1);
    if (count > 0) continue;
    for (const content of objectsIn(part)) left.push(content);
  }
  return counts;
}

/** A copy of a view that has its memory for itself. */
function copyOf(view: View, handed: ArrayBuffer[]): View {
  const bytes = new Uint8Array(view.byteLength);
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  if (bytes.byteLength >= MIN_BYTES) handed.push(bytes.buffer);
  const kind = typedArrayKind(view) ?? "DataView";
  // What subclasses add, a clone loses as well.
  const View = Reflect.get(globalThis, kind) as new (buffer: ArrayBuffer) => View;
  return kind === "Uint8Array" ? bytes : new View(bytes.buffer);
}

/**
 * A copy that may be handed over, of a large view of all its buffer: then it is
 * copied once, and not into the message and out of it again.
 */
export function copyOfLarge(value: unknown, handed: ArrayBuffer[]): unknown {
  if (!ArrayBuffer.isView(value) || value.byteLength < MIN_BYTES) return value;
  const { buffer } = value;
  const isWhole = isArrayBuffer(buffer) && !buffer.resizable &&
    value.byteLength === buffer.byteLength;
  return isWhole ? copyOf(value as View, handed) : value;
}
