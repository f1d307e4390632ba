import { tagOf } from "../brands.ts";
import { blameCaller, misuse } from "../error_stack.ts";
import { isCount, isFlag, isText, oneOf, optional, shaped } from "./shapes.ts";
import { canBeSent, condense, sourceOf, textOf } from "./source_text.ts";

/** How a function crosses to another thread: by name in a module, or as source text. */
export type TaskRef =
  | {
    readonly kind: "module";
    readonly url: string;
    readonly name: string;
    readonly passed?: PassedFunction | undefined;
  }
  | {
    readonly kind: "served";
    readonly name: string;
    readonly passed?: PassedFunction | undefined;
  }
  | { readonly kind: "source"; readonly source: string; readonly name: string };

/**
 * What is known of a function that its caller passed itself, and that goes by
 * its name: what has that name in the worker may be another one.
 */
export interface PassedFunction {
  /** How many parameters it says that it has. */
  readonly length: number;
  /** Its condensed text, where the worker's function must have the same one. */
  readonly text: string | undefined;
  /** Whether it could go as source text instead. */
  readonly canBeSent: boolean;
}

const passed = optional(
  shaped({ length: isCount, text: optional(isText), canBeSent: isFlag }),
);

/** Whether something that crossed says where a function is. */
export const isTaskRef: (data: unknown) => data is TaskRef = oneOf<TaskRef>({
  module: { url: isText, name: isText, passed },
  served: { name: isText, passed },
  source: { source: isText, name: isText },
});

/** The same text for references to the same function. */
export function keyOf(ref: TaskRef): string {
  switch (ref.kind) {
    case "module":
      return `module ${ref.name}${keyOfPassed(ref.passed)} ${ref.url}`;
    case "served":
      return `served ${ref.name}${keyOfPassed(ref.passed)}`;
    case "source":
      return `source ${ref.name} ${ref.source}`;
  }
}

function keyOfPassed(passed: PassedFunction | undefined): string {
  return passed === undefined ? "" : `(${passed.length}) ${passed.text ?? ""}`;
}

/** Where a reference says what it refers to, in every copy of the package; 1 is the shape of that. */
const REFERENCE = Symbol.for("polypool.reference.1");

/**
 * A function that lives elsewhere, as {@linkcode fromModule} and
 * {@linkcode inline} give it.
 *
 * @typeParam A Parameters of the function.
 * @typeParam R Its awaited result.
 */
export class TaskReference<A extends unknown[], R> {
  /** Never there: it only carries the types. */
  declare protected readonly signature: (...args: A) => R;
}

function newReference<A extends unknown[], R>(ref: TaskRef): TaskReference<A, R> {
  return Object.defineProperty(new TaskReference<A, R>(), REFERENCE, { value: ref });
}

/** What a reference refers to; nothing if it is none. */
export function referenceIn(fn: unknown): TaskRef | undefined {
  const ref = Object.getOwnPropertyDescriptor(Object(fn), REFERENCE)?.value;
  return isTaskRef(ref) ? ref : undefined;
}

/**
 * What every pool method takes first: the function to run in a worker.
 *
 * - a function that the pool's `module` exports: it goes by its name, which must mean exactly one
 *   function there; or one that the `worker` serves, under a key that is its name;
 * - a typed reference from {@linkcode fromModule}: it goes by the key of its export;
 * - a plain function without a name, or of a pool that has neither `module` nor
 *   `worker`: its source text goes, so it sees nothing outside itself.
 *
 * @typeParam A Parameters of the function.
 * @typeParam R Its awaited result.
 */
export type TaskFunction<A extends unknown[], R> =
  | ((...args: A) => R | PromiseLike<R>)
  | TaskReference<A, R>;

/**
 * The functions of a module, as references; see {@linkcode fromModule}.
 *
 * @typeParam M The module's type, `typeof import("./tasks.ts")`.
 */
export type TaskModule<M> = {
  readonly [K in keyof M as M[K] extends (...args: never[]) => unknown ? K : never]: M[K] extends
    (...args: infer A) => infer R ? TaskReference<A, Awaited<R>> : never;
};

/**
 * Names the functions of a module without loading it.
 *
 * Only the workers import the module. A generic function loses its type
 * parameter on the way (it becomes `unknown`): wrap it in one that names its types.
 *
 * @typeParam M The module's type, `typeof import("./tasks.ts")`.
 * @param url The module's absolute URL; none for functions that the pool's `worker` serves.
 * @returns References, by the keys of exports alone, to take apart: `const { fib } = fromModule(…)`.
 * @throws {TypeError} If the URL is not absolute.
 *
 * @example Running a function of another module
 * ```ts
 * import { fromModule, Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const url = new URL("data:text/javascript,export function half(n) { return n / 2 }");
 * const { half } = fromModule<{ half(n: number): number }>(url);
 * const pool = new Pool({ workers: 2 });
 * assert.deepEqual(await pool.map(half, [2, 4, 6]), [1, 2, 3]);
 * await pool.terminate();
 * ```
 */
export function fromModule<M>(url?: URL | string): TaskModule<M> {
  const href = url === undefined ? undefined : hrefOf(url);
  const references = new Proxy(Object.create(null), {
    get: (_target, name) => {
      // An object with a `then` would be called when awaited or returned by an async function.
      if (typeof name === "symbol" || name === "then") return undefined;
      return newReference(
        href === undefined
          ? { kind: "served", name, passed: undefined }
          : { kind: "module", url: href, name, passed: undefined },
      );
    },
  });
  // The proxy answers every name; the type lists those that the module exports.
  return references as TaskModule<M>;
}

function hrefOf(url: URL | string): string {
  try {
    return moduleUrl(url, "name a module");
  } catch (error) {
    throw blameCaller(error, fromModule);
  }
}

/** Checks that a module's URL means the same in every thread. */
export function moduleUrl(url: unknown, action: string): string {
  const href = tagOf(url) === "URL" ? Reflect.get(Object(url), "href") : url;
  if (typeof href !== "string") {
    throw misuse(
      new TypeError(`Cannot ${action} as its URL must be a URL or a string: ${typeof url}`),
    );
  }
  if (!/^[a-z][a-z0-9+.-]+:/i.test(href)) {
    throw misuse(
      new TypeError(
        `Cannot ${action} as its URL must be absolute, such as import.meta.url, or ` +
          `pathToFileURL(__filename).href in CommonJS: ${href}`,
      ),
    );
  }
  return href;
}

/**
 * Sends a function as source text, even if it has a name and the pool has a module.
 *
 * Such a function sees its parameters, itself by its own name (unless a global
 * has that) and the worker's globals, and nothing of the code around it.
 *
 * @typeParam A Parameters of the function.
 * @typeParam R Its awaited result.
 * @param fn The function.
 * @returns A reference, for any pool method.
 * @throws {TypeError} If the source text of the function cannot be compiled again:
 * native and bound functions, methods, classes.
 *
 * @example A named function that its module does not export
 * ```ts
 * import { inline, Pool } from "@polypool/pool";
 * import assert from "node:assert/strict";
 *
 * const double = (n: number) => n * 2;
 * const pool = new Pool({ workers: 1, module: import.meta.url });
 * assert.deepEqual(await pool.map(inline(double), [1, 2]), [2, 4]);
 * await pool.terminate();
 * ```
 */
export function inline<A extends unknown[], R>(
  fn: (...args: A) => R | PromiseLike<R>,
): TaskReference<A, R> {
  try {
    if (typeof fn !== "function") {
      throw misuse(new TypeError(`Cannot send a function as it is not one: ${typeof fn}`));
    }
    return newReference({ kind: "source", source: sourceOf(fn), name: fn.name });
  } catch (error) {
    throw blameCaller(error, inline);
  }
}

/** Where plain functions of a pool are found: its `module`, or its `worker` (served). */
export type TaskHome =
  | {
    readonly url: string;
    /** Whether a function with this text must have the same one in a worker. */
    readonly hasText?: ((text: string) => boolean) | undefined;
  }
  | "served"
  | undefined;

/** Decides how a function crosses: by reference if it has a name and the pool a home for it. */
export function taskRefOf(fn: unknown, home: TaskHome): TaskRef {
  const reference = referenceIn(fn);
  if (reference !== undefined) return reference;
  if (typeof fn !== "function") {
    throw misuse(
      new TypeError(
        `Cannot run a task as its function must be a function or a reference: ${typeof fn}`,
      ),
    );
  }
  const { name } = fn;
  if (home === undefined || name === "") return { kind: "source", source: sourceOf(fn), name };
  if (home === "served") return { kind: "served", name, passed: passedFunction(fn) };
  return { kind: "module", url: home.url, name, passed: passedFunction(fn, home.hasText) };
}

function passedFunction(
  fn: { readonly length: number },
  hasText: (text: string) => boolean = () => false,
): PassedFunction {
  const text = textOf(fn);
  const own = hasText(text) ? condense(text) : undefined;
  return { length: fn.length, text: own, canBeSent: canBeSent(text) };
}
