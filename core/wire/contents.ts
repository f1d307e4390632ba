import { tagOf } from "../brands.ts";

/** A value within another; the way to it, as code would write it, is made of the key when it is asked for. */
export type Content = readonly [value: unknown, key: unknown, step: (key: unknown) => string];

/**
 * What a structured clone of an object would copy of it: elements, entries, and
 * own enumerable properties, whose getters it calls.
 */
export function* contentsOf(object: object): Iterable<Content> {
  if (ArrayBuffer.isView(object)) return;
  const tag = tagOf(object);
  if (tag === "Map") {
    for (const [key, value] of entriesOf(object, Map.prototype)) {
      yield [key, key, () => ".keys()"];
      yield [value, key, entryStep];
    }
  } else if (tag === "Set") {
    for (const [value] of entriesOf(object, Set.prototype)) yield [value, value, () => ".values()"];
  }
  for (const key of Object.keys(object)) yield [Reflect.get(object, key), key, propertyStep];
}

/** By its class's own method: the caller's code may have given it another one. */
function entriesOf(
  collection: object,
  { forEach }: typeof Map.prototype | typeof Set.prototype,
): [unknown, unknown][] {
  const entries: [unknown, unknown][] = [];
  Reflect.apply(forEach, collection, [
    (value: unknown, key: unknown) => entries.push([key, value]),
  ]);
  return entries;
}

function propertyStep(key: unknown): string {
  const name = String(key);
  if (/^(0|[1-9]\d*)$/.test(name)) return `[${name}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `.${name}`
    : `[${JSON.stringify(name)}]`;
}

function entryStep(key: unknown): string {
  if (typeof key === "object") return ".get(…)";
  return `.get(${typeof key === "string" ? JSON.stringify(key) : String(key)})`;
}

/** A longer list has elements, and no properties of other names. */
const MAX_NAMED = 1_000;

/** The objects among what a clone would copy of one: without the way to them, they are found sooner. */
export function objectsIn(object: object): object[] {
  const found: object[] = [];
  const add = (content: unknown) => {
    if (typeof content === "object" && content !== null) found.push(content);
  };
  if (Array.isArray(object) && object.length > MAX_NAMED) {
    for (let at = 0; at < object.length; at++) add(object[at]);
  } else {
    for (const [content] of contentsOf(object)) add(content);
  }
  return found;
}

/** Deeper values may be written by one thread and too deep for another to read. */
const MAX_DEPTH = 200;

/** All threads can write and read what is no deeper. */
const MAX_SURE_DEPTH = 1_000;

/** Larger values are not looked through for their depth. */
const MAX_OBJECTS = 1_000;

/** Whether a value is so deep that threads differ in whether they can write and read it. */
export function isDeep(value: unknown): boolean {
  try {
    return isDeeper(value);
  } catch {
    // A getter or a trap that throws: the clone will tell.
    return false;
  }
}

function isDeeper(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const seen = new Set<object>();
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_SURE_DEPTH) return true;
    level = level.flatMap((part) => {
      if (seen.has(part)) return [];
      seen.add(part);
      return objectsIn(part);
    });
  }
  return false;
}

/** How many objects of a value may still be looked at. */
let left = 0;

/**
 * Whether a value is so small, and not so deep, that any thread can read it.
 *
 * @throws What a getter, or a trap of a proxy, throws.
 */
export function isModest(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  left = MAX_OBJECTS;
  return isModestAt(0, value);
}

function isModestAt(depth: number, object: object): boolean {
  // What holds itself runs out of one or the other.
  if (depth > MAX_DEPTH || --left < 0) return false;
  if (Array.isArray(object)) {
    for (let at = 0; at < object.length; at++) if (!isFine(object[at], depth)) return false;
    return true;
  }
  if (Object.getPrototypeOf(object) !== Object.prototype) {
    return objectsIn(object).every((content) => isModestAt(depth + 1, content));
  }
  // Without a list of them: most objects are plain, and small.
  for (const key in object) {
    if (!isFine((object as Readonly<Record<string, unknown>>)[key], depth)) return false;
  }
  return true;
}

function isFine(content: unknown, depth: number): boolean {
  return typeof content !== "object" || content === null || isModestAt(depth + 1, content);
}
