import { tagOf } from "./brands.ts";

/** Whether a value is an error, the platform's own included. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || isDomException(value) || tagOf(value) === "Error";
  } catch {
    // A proxy may refuse to be looked at: whether it can be cloned will show.
    return false;
  }
}

/** Whether a value is an error of the platform's own. */
export function isDomException(value: unknown): boolean {
  return value instanceof DOMException || tagOf(value) === "DOMException";
}

/** The stack of an error, if it has one that can be read: the caller's code may have its own idea of stacks. */
export function stackOf(error: CallSite): string | undefined {
  try {
    return typeof error.stack === "string" ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/** Defines a property, whatever the caller's code has given to all objects, `get` for one. */
export function define(object: object, key: string, property: PropertyDescriptor): void {
  Object.defineProperty(object, key, Object.assign(Object.create(null), property));
}

/** Gives an error another stack. */
export function setStack(error: object, stack: string | undefined): void {
  // Engines that put off writing it would write it now, by the caller's own code, which may throw.
  stackOf(error);
  define(error, "stack", { value: stack, configurable: true, writable: true, enumerable: false });
}

/** Where a call was made, as the stack of an error says it. */
export interface CallSite {
  /** Frames below a first line. Engines put off writing it until it is read. */
  readonly stack?: string | undefined;
}

/** Calls of one turn that all note where they were made; of those that follow, one in so many does. */
const NOTED = 64;

/**
 * Where calls were made. To note it takes longer than all else that a tiny call
 * costs: when hundreds are made in one turn, as in a loop, those in a row share
 * a note.
 */
export class CallSites {
  #calls = 0;
  #latest: Error | undefined;

  /** Where the call that is being made is made. */
  note(): Error {
    if (this.#calls === 0) Promise.resolve().then(() => this.#forget());
    const isShared = this.#calls > NOTED && this.#calls % NOTED !== 0;
    this.#calls++;
    if (!isShared || this.#latest === undefined) this.#latest = new Error();
    return this.#latest;
  }

  /** On V8 an unwritten stack holds whatever was called there: the pool itself, for one. */
  #forget(): void {
    this.#calls = 0;
    this.#latest = undefined;
  }
}

/** Errors whose stacks stay as they are. */
const finished = new WeakSet<object>();

/** Keeps the stack of an error as it is: it is the caller's own, who may give it to many jobs. */
export function keepStack(error: unknown): void {
  if (isError(error)) finished.add(error);
}

/** Adds where the task was submitted to the stack of its error, once: many tasks may share it. */
export function addCallSite(error: unknown, callSite: CallSite | undefined): void {
  if (callSite === undefined || !isError(error) || finished.has(error)) return;
  // Last, so that it is not written for nothing.
  const site = stackOf(callSite);
  if (site === undefined) return;
  finished.add(error);
  const frames = site.split("\n").slice(1).join("\n");
  try {
    setStack(error, `${stackOf(error) ?? String(error)}\n${frames}`);
  } catch {
    // A caller's own error, such as the reason of an abort, may be frozen: it stays as it is.
  }
}

/** The same error once more, for another caller: its stack tells of another call. */
export function copyError(error: unknown): unknown {
  if (!isError(error) || isDomException(error)) return error;
  const copy = Object.setPrototypeOf(new Error(), Object.getPrototypeOf(error));
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error));
  setStack(copy, stackOf(error));
  return copy;
}

/** Errors of calls that should not have been made. */
const misuses = new WeakSet<object>();

/** Marks an error that the pool throws at a call, which is at fault. */
export function misuse<E extends Error>(error: E): E {
  misuses.add(error);
  return error;
}

/** The same error; if a call is at fault, its stack begins where that is made, where engines can do that. */
export function blameCaller(error: unknown, method: object): unknown {
  const { captureStackTrace } = Error as {
    captureStackTrace?: (error: object, above: unknown) => void;
  };
  if (!isError(error) || !misuses.has(error)) return error;
  try {
    captureStackTrace?.(error, method);
  } catch {
    // The caller's own idea of stacks.
  }
  return error;
}
