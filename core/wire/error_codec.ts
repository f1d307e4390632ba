import * as poolErrors from "../../errors.ts";
import type { EncodedNode, EncodedProperty, EncodedValue, ErrorRecord } from "./error_record.ts";

const { Error: _Error, ...languageErrors } = {
  AggregateError,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Classes that are rebuilt; every other error becomes an `Error` with its name. */
const classes = new Map<string, new (...args: never[]) => Error>(
  Object.entries({ ...languageErrors, ...poolErrors }),
);

/** Turns anything thrown into something that the platform can clone. Never throws. */
export function encodeError(thrown: unknown): ErrorRecord {
  try {
    return new Encoder().encode(thrown);
  } catch (error) {
    // Only an exotic object gets here: one whose traps throw whatever is asked of it.
    const text = `Cannot send the thrown value as reading it failed: ${describe(error)}`;
    return new Encoder().encode(new poolErrors.SerializationError(text));
  }
}

class Encoder {
  readonly #nodes: EncodedNode[] = [];
  readonly #indexes = new Map<object, number>();
  /** Nodes whose properties are not read yet: chains of causes can be long. */
  readonly #unread: { readonly object: object; readonly properties: EncodedProperty[] }[] = [];
  /** What lies in properties as it is. */
  readonly #values: { value: unknown }[] = [];

  encode(thrown: unknown): ErrorRecord {
    if (holdsError(thrown)) return this.#encodeGraph(thrown);
    try {
      return { root: { value: structuredClone(thrown) }, nodes: [] };
    } catch {
      const text = `Cannot send the thrown value as it cannot be cloned: ${describe(thrown)}`;
      return this.#encodeGraph(new poolErrors.SerializationError(text));
    }
  }

  #encodeGraph(thrown: object): ErrorRecord {
    const root = { node: this.#nodeOf(thrown) };
    // It grows on the way.
    for (const { object, properties } of this.#unread) {
      for (const [key, enumerable] of keysOf(object)) {
        properties.push({ key, enumerable, value: this.#read(object, key) });
      }
    }
    this.#cloneValues();
    return { root, nodes: this.#nodes };
  }

  /** All at once if they let themselves be cloned: what two properties share stays shared. */
  #cloneValues(): void {
    const values = this.#values.map(({ value }) => value);
    let copies: readonly unknown[];
    try {
      copies = structuredClone(values);
    } catch {
      copies = values.map((value) => this.#cloneOrDescribe(value));
    }
    for (const [at, encoded] of this.#values.entries()) encoded.value = copies[at];
  }

  #cloneOrDescribe(value: unknown): unknown {
    try {
      return structuredClone(value);
    } catch {
      return describe(value);
    }
  }

  #nodeOf(object: object): number {
    const known = this.#indexes.get(object);
    if (known !== undefined) return known;
    const properties: EncodedProperty[] = [];
    const index = this.#nodes.push(this.#newNode(object, properties)) - 1;
    this.#indexes.set(object, index);
    this.#unread.push({ object, properties });
    return index;
  }

  #newNode(object: object, properties: EncodedProperty[]): EncodedNode {
    if (Array.isArray(object)) return { kind: "list", length: object.length, properties };
    if (!isError(object)) return { kind: "object", properties };
    const platformError = isDomException(object) ? plainTwin(object) : undefined;
    const className = classNameOf(object);
    return { kind: "error", className, stack: stackOf(object), properties, platformError };
  }

  #read(object: object, key: string): EncodedValue {
    const encoded = { value: read(object, key) };
    if (holdsError(encoded.value)) return { node: this.#nodeOf(encoded.value) };
    this.#values.push(encoded);
    return encoded;
  }
}

function read(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch (failure) {
    return `[unreadable: ${describe(failure)}]`;
  }
}

/** Whether there is an error somewhere in arrays and plain objects. */
function holdsError(value: unknown): value is object {
  // It grows on the way, and knows what it has seen.
  const parts = new Set([value]);
  for (const part of parts) {
    if (isError(part)) return true;
    for (const inner of contentsOf(part)) if (typeof inner === "object") parts.add(inner);
  }
  return false;
}

function contentsOf(value: unknown): unknown[] {
  try {
    return isPlain(value) ? Object.values(value) : [];
  } catch {
    // A getter or a trap that throws: the clone will tell.
    return [];
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** The keys that travel, each with whether it is enumerable. */
function* keysOf(object: object): Iterable<[string, boolean]> {
  if (!isError(object)) {
    for (const key of Object.keys(object)) yield [key, true];
    return;
  }
  const own = Reflect.ownKeys(object);
  for (const key of own) {
    if (typeof key === "symbol") continue;
    const enumerable = Object.prototype.propertyIsEnumerable.call(object, key);
    if (key !== "stack") yield [key, enumerable];
  }
  if (isDomException(object)) return;
  const { name } = (classes.get(classNameOf(object)) ?? Error).prototype;
  if (!own.includes("name") && !inherits(object, "name", name)) yield ["name", false];
  if (!own.includes("message") && !inherits(object, "message", "")) yield ["message", false];
}

function inherits(error: Error, key: "name" | "message", value: string): boolean {
  try {
    return error[key] === value;
  } catch {
    return false;
  }
}

/** Whether a value is an error, the platform's own included. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || isDomException(value);
  } catch {
    // A proxy may refuse to be looked at: whether it can be cloned will show.
    return false;
  }
}

/** Whether a value is an error of the platform's own. */
export function isDomException(value: unknown): boolean {
  return value instanceof DOMException;
}

/** A DOMException without what was put on top of it, which the platform's own clone trips over. */
function plainTwin(error: object): DOMException | undefined {
  const inherited = (key: string) => Reflect.get(DOMException.prototype, key, error);
  try {
    return new DOMException(inherited("message"), inherited("name"));
  } catch {
    // It only looks like one: Object.create() made it, for instance.
    return undefined;
  }
}

function classNameOf(error: Error): string {
  for (const [name, errorClass] of classes) {
    if (Object.prototype.isPrototypeOf.call(errorClass.prototype, error)) return name;
  }
  return "Error";
}

/** The stack of an error, if it has one that can be read. */
export function stackOf(error: Error): string | undefined {
  try {
    return typeof error.stack === "string" ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/** A value in words, whatever it is. */
export function describe(value: unknown): string {
  try {
    if (typeof value === "function") return `[function ${value.name || "(anonymous)"}]`;
    const text = String(value);
    return text === "[object Object]" ? `[object ${value?.constructor?.name ?? "Object"}]` : text;
  } catch {
    return `[${typeof value} that cannot be described]`;
  }
}

/** Makes of a record what was thrown; the nearest thing to it where no clone exists. */
export function decodeError(record: ErrorRecord): unknown {
  const objects = record.nodes.map(rebuild);
  const decode = (encoded: EncodedValue) =>
    "node" in encoded ? objects[encoded.node] : encoded.value;
  for (const [index, node] of record.nodes.entries()) {
    for (const { key, value, enumerable } of node.properties) {
      Object.defineProperty(objects[index], key, {
        value: decode(value),
        enumerable,
        configurable: true,
        writable: true,
      });
    }
  }
  return decode(record.root);
}

function rebuild(node: EncodedNode): object {
  if (node.kind === "list") return new Array(node.length);
  if (node.kind === "object") return {};
  const error = isDomException(node.platformError)
    ? Object(node.platformError)
    // Gives the class without running its constructor, whose parameters are its own affair.
    : Reflect.construct(Error, [], classes.get(node.className) ?? Error);
  setStack(error, node.stack);
  return error;
}

/** Gives an error another stack. */
export function setStack(error: object, stack: string | undefined): void {
  Object.defineProperty(error, "stack", {
    value: stack,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}
