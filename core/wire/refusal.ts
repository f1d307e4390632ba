import { isArrayBuffer, tagOf } from "../brands.ts";
import { isDomException } from "../error_stack.ts";
import { contentsOf, isDeep } from "./contents.ts";

/** Values that are looked at, at most, to find the one that cannot be cloned. */
const MAX_VALUES = 10_000;

/** A value, and the way to it. */
interface Found {
  readonly value: unknown;
  readonly path: string;
}

/**
 * Says where in a value the part is that cannot be cloned, and what it is:
 * `argument 2, .options.onDone: a function`; nothing if that is not found.
 *
 * @param name What the value is to its reader, such as `argument 2`.
 */
export function locate(value: unknown, name: string): string | undefined {
  try {
    if (isDeep(value)) return `${name}: nested too deeply`;
    const found = findKnown(value) ?? findByCloning(value);
    if (found === undefined) return undefined;
    const { path } = found;
    return `${name}${path === "" ? "" : `, ${path}`}: ${kindOf(found.value)}`;
  } catch {
    // Code of the value's own throws when it is looked at.
    return undefined;
  }
}

/**
 * The error of a value that was refused, which says where the culprit lies.
 *
 * @param error What the platform said.
 * @param where The values that were to be sent, each with what it is to its reader.
 */
export function explain(error: unknown, where: readonly (readonly [string, unknown])[]): unknown {
  if (!isDomException(error)) {
    const deep = where.find(([, value]) => isDeep(value));
    return deep ? newCloneError("The value is nested too deeply to be cloned", deep[0]) : error;
  }
  const { name, message } = error as DOMException;
  if (name !== "DataCloneError") return error;
  for (const [what, value] of where) {
    const place = locate(value, what);
    if (place !== undefined) return newCloneError(message, place);
  }
  return error;
}

function newCloneError(message: string, place: string): DOMException {
  return new DOMException(`${message.replace(/\.$/, "")}: ${place}`, "DataCloneError");
}

/**
 * A sentence for a buffer that could not be handed over, as it holds more than
 * the view that was meant; nothing if that is not so.
 */
export function explainSlab(value: unknown, transfer: readonly unknown[]): string | undefined {
  const isSlab = ArrayBuffer.isView(value) && transfer.includes(value.buffer) &&
    isArrayBuffer(value.buffer) && value.byteLength < value.buffer.byteLength;
  if (!isSlab) return undefined;
  return "the buffer holds more than this view: small Buffers of Node share one, which cannot be " +
    "handed over, copy it with new Uint8Array(…)";
}

/** The first part, in the order of their depth, of a kind that nothing can clone. */
function findKnown(value: unknown): Found | undefined {
  const found: Found[] = [{ value, path: "" }];
  const seen = new Set<unknown>();
  // It grows on the way.
  for (const { value, path } of found) {
    if (isUnclonable(value)) return { value, path };
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const [content, key, step] of contentsOf(value)) {
      if (found.length < MAX_VALUES) found.push({ value: content, path: `${path}${step(key)}` });
    }
  }
  return undefined;
}

/** What looks like any object and is none, such as a proxy: it shows when its holders are cloned. */
function findByCloning(value: unknown): Found | undefined {
  let found: Found = { value, path: "" };
  if (canBeCloned(value)) return undefined;
  for (;;) {
    const { value, path }: Found = found;
    const culprit = [...contentsOf(Object(value))].find(([content]) => !canBeCloned(content));
    if (culprit === undefined) return found;
    const [content, key, step] = culprit;
    found = { value: content, path: `${path}${step(key)}` };
  }
}

function isUnclonable(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return true;
  if (typeof value !== "object" || value === null) return false;
  const tag = tagOf(value);
  if (tag === "Object" || tag === "Array" || tag === "Error") return false;
  // Of what has no contents it is soon known.
  for (const _content of contentsOf(value)) return false;
  return !canBeCloned(value);
}

function canBeCloned(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function kindOf(value: unknown): string {
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  const tag = tagOf(value);
  if (tag === "Object" || tag === "") return "an object that cannot be cloned, such as a proxy";
  return `${/^[AEIO]/.test(tag) ? "an" : "a"} ${tag}`;
}
