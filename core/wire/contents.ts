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
