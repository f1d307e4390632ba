/** Whether a value is what is expected in its place. */
export type Check = (value: unknown) => boolean;

/** What each field of an object must be; further fields do no harm. */
export type Shape<T> = { readonly [Field in keyof T]-?: Check };

/** The shapes of objects that differ in their `kind`, which need not be named again. */
export type Shapes<Union extends { readonly kind: string }> = {
  readonly [Kind in Union["kind"]]: Shape<Omit<Extract<Union, { kind: Kind }>, "kind">>;
};

/** Makes a check for objects whose fields are what they must be. */
export function shaped<T>(shape: Shape<T>): (value: unknown) => value is T {
  // Once, as that takes longer than a look; in lists, as these are gone through soonest.
  const fields = Object.keys(shape);
  const checks = Object.values<Check>(shape);
  return (value): value is T => {
    if (!isRecord(value)) return false;
    for (let at = 0; at < fields.length; at++) {
      if (checks[at]?.(ownOf(value, fields[at] ?? "")) === false) return false;
    }
    return true;
  };
}

/** Makes a check for objects that have the shape of their kind. */
export function oneOf<Union extends { readonly kind: string }>(
  shapes: Shapes<Union>,
): (value: unknown) => value is Union {
  const kinds = Object.entries<Shape<unknown>>(shapes);
  const checks = new Map<unknown, Check>(kinds.map(([kind, shape]) => [kind, shaped(shape)]));
  return (value): value is Union =>
    isRecord(value) && checks.get(ownOf(value, "kind"))?.(value) === true;
}

/** A field of the object's own; what all objects have from the caller's code is none. */
function ownOf(value: Readonly<Record<string, unknown>>, field: string): unknown {
  return Object.hasOwn(value, field) ? value[field] : undefined;
}

/** Whether a value is an object, of any kind. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Whether a value is a number to count with: an index, a length. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Whether a value is a text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether a value is a yes or a no. */
export function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** Passes everything: what it is, others look at. */
export function isAnything(): boolean {
  return true;
}

/** Makes a check that also lets pass what is not there. */
export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/**
 * Makes a check for arrays whose every element is as it must be, and is there.
 *
 * @typeParam T What passes the check.
 */
export function listOf<T>(check: Check): (value: unknown) => value is readonly T[] {
  return (value): value is readonly T[] => {
    if (!Array.isArray(value)) return false;
    // Array.prototype.every() would pass over holes, of which a small message can have billions.
    for (const element of value) if (!check(element)) return false;
    return true;
  };
}
