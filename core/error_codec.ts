import * as poolErrors from "../errors.ts";

/**
 * An error as it crosses to the caller.
 *
 * The platform's own clone keeps class, message and stack of some classes and
 * loses the rest. Here errors are nodes of a graph, which causes, aggregates
 * and properties point into, so that cycles survive as well.
 */
export interface ErrorRecord {
  readonly root: EncodedValue;
  readonly nodes: readonly ErrorNode[];
}

/** A value within an {@linkcode ErrorRecord}. */
export type EncodedValue =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly node: number }
  | { readonly kind: "list"; readonly items: readonly EncodedValue[] };

interface ErrorNode {
  readonly className: string;
  readonly stack: string | undefined;
  readonly properties: readonly EncodedProperty[];
  /** A DOMException crosses whole, and only the platform can make one. */
  readonly platformError?: unknown;
}

interface EncodedProperty {
  readonly key: string;
  readonly value: EncodedValue;
  readonly enumerable: boolean;
}

/** Whether the platform can clone a value. */
export type CloneTest = (value: unknown) => boolean;

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

/** Positions in a source file, which some engines put on every error. */
const ENGINE_KEYS = new Set([
  "stack",
  "line",
  "column",
  "sourceURL",
  "originalLine",
  "originalColumn",
]);

/** Turns anything thrown into something that the platform can clone. Never throws. */
export function encodeError(thrown: unknown, canClone: CloneTest): ErrorRecord {
  const encoder = new Encoder(canClone);
  try {
    const root = encoder.encode(thrown, "thrown value");
    return { root, nodes: encoder.nodes };
  } catch (error) {
    // Only an exotic object gets here: one whose traps throw whatever is asked of it.
    const text = `Cannot send the thrown value as reading it failed: ${describe(error)}`;
    return encodeError(new poolErrors.SerializationError(text), canClone);
  }
}

class Encoder {
  readonly nodes: ErrorNode[] = [];
  readonly #seen = new Map<unknown, number>();
  readonly #canClone: CloneTest;

  constructor(canClone: CloneTest) {
    this.#canClone = canClone;
  }

  encode(value: unknown, what: string): EncodedValue {
    if (isError(value)) return { kind: "error", node: this.#nodeOf(value) };
    if (Array.isArray(value) && value.some(isError)) {
      return { kind: "list", items: value.map((item) => this.encode(item, "element")) };
    }
    if (this.#canClone(value)) return { kind: "value", value };
    if (what === "thrown value") {
      const text = `Cannot send the thrown value as it cannot be cloned: ${describe(value)}`;
      return this.encode(new poolErrors.SerializationError(text), what);
    }
    return { kind: "value", value: describe(value) };
  }

  #nodeOf(error: Error): number {
    const known = this.#seen.get(error);
    if (known !== undefined) return known;
    const index = this.nodes.length;
    this.#seen.set(error, index);
    const properties: EncodedProperty[] = [];
    const className = classNameOf(error);
    const platformError = isDomException(error) ? { platformError: error } : {};
    this.nodes.push({ className, stack: stackOf(error), properties, ...platformError });
    for (const [key, enumerable] of propertiesOf(error, className)) {
      properties.push({ key, enumerable, value: this.#read(error, key) });
    }
    return index;
  }

  #read(error: Error, key: string): EncodedValue {
    let value: unknown;
    try {
      value = Reflect.get(error, key);
    } catch (failure) {
      return { kind: "value", value: `[unreadable: ${describe(failure)}]` };
    }
    return this.encode(value, "property");
  }
}

/** The keys that travel, each with whether it is enumerable. */
function* propertiesOf(error: Error, className: string): Iterable<[string, boolean]> {
  const own = Reflect.ownKeys(error);
  for (const key of own) {
    if (typeof key === "symbol") continue;
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    if (key !== "stack" && (enumerable || !ENGINE_KEYS.has(key))) yield [key, enumerable];
  }
  if (isDomException(error)) return;
  const inherits = classes.get(className) ?? Error;
  if (!own.includes("name") && error.name !== inherits.prototype.name) yield ["name", false];
  if (!own.includes("message") && error.message !== "") yield ["message", false];
}

function isError(value: unknown): value is Error {
  return value instanceof Error || isDomException(value);
}

function isDomException(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object DOMException]";
}

function classNameOf(error: Error): string {
  for (const [name, errorClass] of classes) {
    if (Object.prototype.isPrototypeOf.call(errorClass.prototype, error)) return name;
  }
  return "Error";
}

function stackOf(error: Error): string | undefined {
  try {
    return typeof error.stack === "string" ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/** A value in words, whatever it is. */
export function describe(value: unknown): string {
  if (typeof value === "function") return `[function ${value.name || "(anonymous)"}]`;
  try {
    const text = String(value);
    return text === "[object Object]" ? `[object ${value?.constructor?.name ?? "Object"}]` : text;
  } catch {
    return `[${typeof value} that cannot be described]`;
  }
}

/** Makes of a record what was thrown; the nearest thing to it where no clone exists. */
export function decodeError(record: ErrorRecord): unknown {
  const errors = record.nodes.map(rebuild);
  for (const [index, node] of record.nodes.entries()) {
    for (const { key, value, enumerable } of node.properties) {
      Object.defineProperty(errors[index], key, {
        value: decodeValue(value, errors),
        enumerable,
        configurable: true,
        writable: true,
      });
    }
  }
  return decodeValue(record.root, errors);
}

function rebuild(node: ErrorNode): object {
  const error = isDomException(node.platformError)
    ? Object(node.platformError)
    // Gives the class without running its constructor, whose parameters are its own affair.
    : Reflect.construct(Error, [], classes.get(node.className) ?? Error);
  setStack(error, node.stack);
  return error;
}

function decodeValue(value: EncodedValue, errors: readonly object[]): unknown {
  if (value.kind === "value") return value.value;
  if (value.kind === "error") return errors[value.node];
  return value.items.map((item) => decodeValue(item, errors));
}

/** Errors whose stacks stay as they are. */
const finished = new WeakSet<object>();

/** Keeps the stack of an error as it is: it is the caller's own, who may give it to many jobs. */
export function keepStack(error: unknown): void {
  if (isError(error)) finished.add(error);
}

/** Adds where the task was submitted to the stack of its error, once: many tasks may share it. */
export function addCallSite(error: unknown, callSite: Error | undefined): void {
  // The stack comes last: engines put off writing it until somebody asks.
  if (!isError(error) || finished.has(error) || callSite?.stack === undefined) return;
  finished.add(error);
  const frames = callSite.stack.split("\n").slice(1).join("\n");
  try {
    setStack(error, `${stackOf(error) ?? String(error)}\n${frames}`);
  } catch {
    // A caller's own error, such as the reason of an abort, may be frozen: it stays as it is.
  }
}

/** The same error once more, for another caller: its stack tells of another call. */
export function copyError(error: unknown): unknown {
  if (!isError(error) || isDomException(error)) return error;
  const copy = Reflect.construct(Error, [], error.constructor);
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error));
  setStack(copy, stackOf(error));
  return copy;
}

function setStack(error: object, stack: string | undefined): void {
  Object.defineProperty(error, "stack", {
    value: stack,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}
