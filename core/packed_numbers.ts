/** Numbers as they travel. */
export type PackedNumbers = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * Numbers as a typed array: of integers if that is what they all are, as
 * engines run code several times slower on integers that they hold as floats.
 */
export function packNumbers(
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
export function packProperty(
  objects: readonly Readonly<Record<string, unknown>>[],
  key: string,
): PackedNumbers | undefined {
  if (typeof objects[0]?.[key] !== "number") return undefined;
  const floats = new Float64Array(objects.length);
  let areInts = true;
  for (let at = 0; at < objects.length; at++) {
    const value = objects[at]?.[key];
    if (typeof value !== "number") return undefined;
    areInts = areInts && isInt(value);
    floats[at] = value;
  }
  return areInts ? new Int32Array(floats) : floats;
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
export function isPackedNumbers(value: unknown): value is PackedNumbers {
  const isKnown = value instanceof Int32Array || value instanceof Float64Array;
  // What is shared, its sender could still change.
  return isKnown && value.buffer instanceof ArrayBuffer;
}

/** Whether a value is a 32-bit integer; -0 is none. */
function isInt(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value && (value !== 0 || 1 / value > 0);
}
