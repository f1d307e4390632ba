import { tagOf } from "../brands.ts";

/** A value within another, and the way to it as code would write it. */
export type Content = readonly [step: string, value: unknown];

/**
 * What a structured clone of an object would copy of it: elements, entries, and
 * own enumerable properties, whose getters it calls.
 */
export function* contentsOf(object: object): Iterable<Content> {
  if (ArrayBuffer.isView(object)) return;
  const tag = tagOf(object);
  if (tag === "Map") {
    for (const [key, value] of entriesOf(object as Map<unknown, unknown>)) {
      yield [".keys()", key];
      yield [`.get(${nameOfKey(key)})`, value];
    }
  } else if (tag === "Set") {
    for (const [value] of entriesOf(object as Set<unknown>)) yield [".values()", value];
  }
  for (const key of Object.keys(object)) yield [stepOf(key), Reflect.get(object, key)];
}

/** By its own method: the caller's code may have given it another one. */
function entriesOf(collection: Map<unknown, unknown> | Set<unknown>): [unknown, unknown][] {
  const entries: [unknown, unknown][] = [];
  const { prototype } = tagOf(collection) === "Map" ? Map : Set;
  Reflect.apply(prototype.forEach, collection, [
    (value: unknown, key: unknown) => entries.push([key, value]),
  ]);
  return entries;
}

function stepOf(key: string): string {
  if (/^(0|[1-9]\d*)$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

function nameOfKey(key: unknown): string {
  return typeof key === "string"
    ? JSON.stringify(key)
    : typeof key === "object"
    ? "…"
    : String(key);
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
  const seen = new Set<object>();
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_SURE_DEPTH) return true;
    level = level.flatMap((part) => {
      if (typeof part !== "object" || part === null || seen.has(part)) return [];
      seen.add(part);
      return Array.from(contentsOf(part), ([, content]) => content);
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
  if (Object.getPrototypeOf(object) !== Object.prototype) return areContentsFine(object, depth);
  // Without a list of them: most objects are plain, and small.
  for (const key in object) {
    if (!isFine((object as Readonly<Record<string, unknown>>)[key], depth)) return false;
  }
  return true;
}

function areContentsFine(object: object, depth: number): boolean {
  for (const [, content] of contentsOf(object)) if (!isFine(content, depth)) return false;
  return true;
}

function isFine(content: unknown, depth: number): boolean {
  return typeof content !== "object" || content === null || isModestAt(depth + 1, content);
}
