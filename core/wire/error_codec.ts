import * as poolErrors from "../../errors.ts";
import { isPlainObject } from "../brands.ts";
import { define, isDomException, isError, setStack, stackOf } from "../error_stack.ts";
import { isDeep } from "./contents.ts";
import {
  type Check,
  isCount,
  isFlag,
  isRecord,
  isText,
  listOf,
  oneOf,
  optional,
  shaped,
} from "./shapes.ts";

/**
 * An error as it crosses to the caller.
 *
 * The platform's own clone keeps class, message and stack of some classes and
 * loses the rest. Here errors are nodes of a graph, which causes, aggregates
 * and properties point into, so that cycles survive as well.
 */
export interface ErrorRecord {
  readonly root: EncodedValue;
  readonly nodes: readonly EncodedNode[];
}

/** A value within an {@linkcode ErrorRecord}: what the platform clones as it is, or a node. */
type EncodedValue = { readonly value: unknown } | { readonly node: number };

/** An error, or an array or plain object that holds one somewhere. */
type EncodedNode = ErrorNode | ListNode | ObjectNode;

interface ErrorNode extends ObjectProperties {
  readonly kind: "error";
  readonly className: string;
  readonly stack: string | undefined;
  /** What only the platform can make again: a DOMException, of these. */
  readonly platformError: PlatformError | undefined;
}

/** What a DOMException consists of: its clone would run the caller's idea of a stack. */
interface PlatformError {
  readonly name: string;
  readonly message: string;
}

interface ListNode extends ObjectProperties {
  readonly kind: "list";
  readonly length: number;
}

interface ObjectNode extends ObjectProperties {
  readonly kind: "object";
}

interface ObjectProperties {
  readonly properties: readonly EncodedProperty[];
}

/** An own property of a node. */
interface EncodedProperty {
  readonly key: string;
  readonly value: EncodedValue;
  readonly enumerable: boolean;
}

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

const { errorClassOf, ...poolErrorClasses } = poolErrors;

/** Classes that are rebuilt; every other error becomes an `Error` with its name. */
const classes = new Map<string, new (...args: never[]) => Error>(
  Object.entries({ ...languageErrors, ...poolErrorClasses }),
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
      return { root: { value: structuredClone(refuseDeep(thrown)) }, nodes: [] };
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
      copies = structuredClone(refuseDeep(values));
    } catch {
      copies = values.map((value) => this.#cloneOrDescribe(value));
    }
    for (const [at, encoded] of this.#values.entries()) encoded.value = copies[at];
  }

  #cloneOrDescribe(value: unknown): unknown {
    try {
      return structuredClone(refuseDeep(value));
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
    const platformError = isDomException(object) ? platformErrorOf(object) : undefined;
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

/** What the caller's thread could not read would take the whole error with it. */
function refuseDeep<T>(value: T): T {
  if (isDeep(value)) throw new RangeError("nested too deeply");
  return value;
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
  return Array.isArray(value) || isPlainObject(value);
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

/** A DOMException without what was put on top of it. */
function platformErrorOf(error: object): PlatformError | undefined {
  const read = error instanceof DOMException
    ? (key: string) => String(Reflect.get(DOMException.prototype, key, error))
    : (key: string) => String(Reflect.get(error, key));
  try {
    return { name: read("name"), message: read("message") };
  } catch {
    // It only looks like one: Object.create() made it, for instance.
    return undefined;
  }
}

function classNameOf(error: Error): string {
  for (const [name, errorClass] of classes) {
    if (Object.prototype.isPrototypeOf.call(errorClass.prototype, error)) return name;
  }
  const ofOtherCopy = errorClassOf(error);
  if (typeof ofOtherCopy === "string" && classes.has(ofOtherCopy)) return ofOtherCopy;
  return error instanceof Error ? "Error" : foreignClassNameOf(error);
}

/** The class of an error from another realm, which has classes of the same names. */
function foreignClassNameOf(error: Error): string {
  let prototype = Object.getPrototypeOf(error);
  while (prototype !== null) {
    const name = prototype.constructor?.name;
    if (classes.has(name)) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return "Error";
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

/** Longest array there can be. */
const MAX_LENGTH = 2 ** 32 - 1;

/** Whether something that crossed is a record that can be decoded. */
export function isErrorRecord(data: unknown): data is ErrorRecord {
  if (!isRecord(data) || !Array.isArray(data["nodes"])) return false;
  const { length } = data["nodes"];
  return isEncodedValue(data["root"], length) && listOf(nodeOf(length))(data["nodes"]);
}

/** Makes a check for a record's nodes, of which there are so many to point at. */
function nodeOf(nodes: number): (value: unknown) => value is EncodedNode {
  const isValue: Check = (value) => isEncodedValue(value, nodes);
  const propertiesWith = (key: Check) =>
    listOf(shaped<EncodedProperty>({ key, value: isValue, enumerable: isFlag }));
  const properties = propertiesWith(isText);
  return oneOf<EncodedNode>({
    error: {
      className: isText,
      stack: optional(isText),
      platformError: optional(isPlatformError),
      properties,
    },
    list: { length: isLength, properties: propertiesWith(isKeyOfList) },
    object: { properties },
  });
}

const isPlatformError = shaped<PlatformError>({ name: isText, message: isText });

function isLength(value: unknown): boolean {
  return isCount(value) && value <= MAX_LENGTH;
}

/** An array's length is a property that cannot be defined again. */
function isKeyOfList(key: unknown): boolean {
  return isText(key) && key !== "length";
}

function isEncodedValue(value: unknown, size: number): boolean {
  if (!isRecord(value)) return false;
  return Object.hasOwn(value, "value") || (isCount(value["node"]) && value["node"] < size);
}

function isValue(encoded: EncodedValue): encoded is { readonly value: unknown } {
  return Object.hasOwn(encoded, "value");
}

/** Makes of a record what was thrown; the nearest thing to it where no clone exists. */
export function decodeError(record: ErrorRecord): unknown {
  const objects = record.nodes.map(rebuild);
  const decode = (encoded: EncodedValue) =>
    isValue(encoded) ? encoded.value : objects[encoded.node];
  for (const [index, node] of record.nodes.entries()) {
    for (const { key, value, enumerable } of node.properties) {
      const property = { value: decode(value), enumerable, configurable: true, writable: true };
      define(objects[index] ?? {}, key, property);
    }
  }
  return decode(record.root);
}

function rebuild(node: EncodedNode): object {
  if (node.kind === "list") return new Array(node.length);
  if (node.kind === "object") return {};
  const { platformError } = node;
  const error = platformError !== undefined
    ? new DOMException(platformError.message, platformError.name)
    : newError(node.className);
  setStack(error, node.stack);
  return error;
}

/** An error of a class with nothing of its own: some engines note in it where it was made, here. */
function newError(className: string): object {
  // Gives the class without running its constructor, whose parameters are its own affair.
  const error = Reflect.construct(Error, [], classes.get(className) ?? Error);
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
  return error;
}
