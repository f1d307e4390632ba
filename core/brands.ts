/*
 * What a value is, whichever realm it comes from: test runners run code in
 * contexts of their own, where classes are others than those of what the
 * platform hands over, and `instanceof` is wrong.
 */

/** What an object's class says that it is; those of the platform say it in every realm. */
export function tagOf(value: unknown): string {
  // What it says itself is not its class's word.
  if (Object.hasOwn(Object(value), Symbol.toStringTag)) return "";
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** Whether a value is an array buffer that is not shared. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || answers(byteLength, value);
}

/** Whether a value is memory that threads share. */
export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  return sharedByteLength !== undefined && answers(sharedByteLength, value);
}

/** Which kind of typed array a value is, such as "Int32Array"; nothing if it is none. */
export function typedArrayKind(value: unknown): string | undefined {
  return Reflect.apply(kind, value, []);
}

/** Whether an object has no class: it is made by braces, in some realm, or by `Object.create(null)`. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

type Getter = () => unknown;

const byteLength = getterOf(ArrayBuffer.prototype, "byteLength");
// A page that is not isolated has no such memory.
const sharedByteLength = typeof SharedArrayBuffer === "undefined"
  ? undefined
  : getterOf(SharedArrayBuffer.prototype, "byteLength");
const kind = getterOf(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag) as () =>
  | string
  | undefined;

function getterOf(prototype: object, key: PropertyKey): Getter {
  const getter = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  if (getter === undefined) throw new TypeError(`Cannot ask for brands without ${String(key)}`);
  return getter;
}

/** Whether a getter takes a value for one of its own: others throw. */
function answers(getter: Getter, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    Reflect.apply(getter, value, []);
    return true;
  } catch {
    return false;
  }
}
