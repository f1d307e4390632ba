import { TaskNotFoundError } from "../../errors.ts";
import { condense, nameOf, type TaskCode, textOf } from "../wire/source_text.ts";
import type { PassedFunction, TaskRef } from "../wire/task_ref.ts";

/** A reference to a function that stands in a module. */
type NamedRef = Exclude<TaskRef, { readonly kind: "source" }>;

/** A function of a module, and the key that it has there. */
type Export = readonly [key: string, code: TaskCode];

/**
 * Looks a function up in its module.
 *
 * A reference names its export. A function that its caller passed is known by
 * its own name, which others may have as well: of all that could be meant,
 * exactly one must be left that looks like it.
 *
 * @throws {TaskNotFoundError} If it is not there, or cannot be told from others.
 */
export function lookUp(module: object, ref: NamedRef): TaskCode {
  const there: Export[] = [];
  for (const level of levelsOf(module)) {
    const functions = functionsOf(level);
    there.push(...functions);
    const named = functions.filter((entry) => isNamed(entry, ref));
    if (named.length > 0) return choose(named, ref, there);
  }
  throw notFound(ref, there, "does not export it", "export it");
}

/** A module, and what a CommonJS module exports: its default, and what that calls its default. */
function* levelsOf(module: object): Iterable<object> {
  yield module;
  let inner: unknown = module;
  for (let depth = 0; depth < 2; depth++) {
    inner = read(inner, "default");
    if (typeof inner !== "function" && (typeof inner !== "object" || inner === null)) return;
    yield inner;
  }
}

function choose(named: readonly Export[], ref: NamedRef, there: readonly Export[]): TaskCode {
  const { passed } = ref;
  const alike = passed === undefined ? named : named.filter(([, code]) => isAlike(code, passed));
  // What is exported twice counts once.
  const [code, ...others] = new Set(alike.map(([, code]) => code));
  if (code !== undefined && others.length === 0) return code;
  throw code === undefined ? notPassed(ref, there) : ambiguous(ref, there, alike);
}

/** Own functions only: what every object inherits is no task. */
function functionsOf(level: object): Export[] {
  return Object.getOwnPropertyNames(level).flatMap((key) => {
    const value = read(level, key);
    // Whoever passes it knows its parameters.
    return typeof value === "function" ? [[key, value as TaskCode]] : [];
  });
}

/** Where a worker serves a module, a minifier may have given functions any name. */
function isNamed([key, code]: Export, { kind, name, passed }: NamedRef): boolean {
  const hasName = passed !== undefined && kind !== "served" && read(code, "name") === name;
  return key === name || hasName;
}

function isAlike(code: TaskCode, { length, text }: PassedFunction): boolean {
  return code.length === length && (text === undefined || condense(textOf(code)) === text);
}

/** What may be a getter, which throws, or an export that is not there yet. */
function read(object: unknown, key: string): unknown {
  try {
    return Reflect.get(Object(object), key);
  } catch {
    return undefined;
  }
}

// What is wrong, and the ways out

function notPassed(ref: NamedRef, there: readonly Export[]): TaskNotFoundError {
  const problem = "exports another one by this name, which is not the function that was passed, " +
    "or its file has changed since the program started";
  return notFound(ref, there, problem, "export it by a name of its own");
}

function ambiguous(
  ref: NamedRef,
  there: readonly Export[],
  alike: readonly Export[],
): TaskNotFoundError {
  const keys = alike.map(([key]) => key).join(" and ");
  return newError(ref, there, `has several of this name, it is ambiguous (${keys})`, [BY_KEY]);
}

/** The way that needs no guess. */
const BY_KEY = "take it from fromModule(), which goes by the name of the export";

function notFound(
  ref: NamedRef,
  there: readonly Export[],
  problem: string,
  exporting: string,
): TaskNotFoundError {
  const byKey = ref.kind === "served" && ref.passed !== undefined ? [BY_KEY] : [];
  // Of a reference nothing speaks against it.
  const bySource = ref.passed?.canBeSent === false
    ? "write an arrow around it"
    : `send its source text with inline(${ref.name})`;
  return newError(ref, there, problem, [exporting, ...byKey, bySource]);
}

function newError(
  ref: NamedRef,
  there: readonly Export[],
  problem: string,
  ways: readonly string[],
): TaskNotFoundError {
  const where = ref.kind === "module" ? ref.url : "the worker's served module";
  const keys = [...new Set(there.map(([key]) => key))].join(", ") || "no functions";
  return new TaskNotFoundError(
    `Cannot find task ${nameOf(ref)} as ${where} ${problem}, ${ways.join(", or ")}: ` +
      `it exports ${keys}`,
  );
}
