import { isError, misuse } from "../error_stack.ts";

/** A task's function, in the thread that runs it. */
export type TaskCode = (...args: unknown[]) => unknown;

/** A function, as far as its text is concerned. */
type Named = { readonly name: string };

/** A function as a reader knows it. */
export function nameOf({ name }: Named): string {
  return name === "" ? "an inline function" : `'${name}'`;
}

/** The text of a function: of a native one there is nothing to see. */
export function textOf(fn: unknown): string {
  return Function.prototype.toString.call(fn);
}

/** A text without its white space, which tools change as they like. */
export function condense(text: string): string {
  return text.replace(/\s+/g, "");
}

/** Whether a function can be made of its text again, as it looks: only compiling it would tell. */
export function canBeSent(text: string): boolean {
  return !isNative(text) && /^(async\b\s*)?(function\b|\(|[\p{ID_Continue}$]+\s*=>)/u.test(text);
}

function isNative(text: string): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(text);
}

/**
 * The text of a function of which a worker can make it again.
 *
 * @throws {TypeError} If it cannot.
 */
export function sourceOf(fn: Named): string {
  const source = textOf(fn);
  const reason = isNative(source)
    ? "a native or bound function has no source text, write an arrow around it"
    : reasonAgainst(source);
  if (reason === undefined) return source;
  throw misuse(new TypeError(`Cannot send ${nameOf(fn)} as ${reason}: ${firstLine(source)}`));
}

/** Why a text cannot be compiled in a worker; nothing if it can. */
function reasonAgainst(source: string): string | undefined {
  const failure = /^class\b/.test(source) ? new SyntaxError("a class") : failureOf(source);
  // A page whose policy forbids compiling text says EvalError: its workers may still be allowed to.
  if (!isError(failure) || failure.name !== "SyntaxError") return undefined;
  if (/\bimport\.meta\b/.test(source)) {
    return "its source text has no import.meta in a worker, pass what you need of it as an " +
      "argument, or export the function from a module";
  }
  return "its source text is not a function expression, write an arrow around it";
}

function failureOf(source: string): unknown {
  try {
    compile(source, "");
    return undefined;
  } catch (failure) {
    return failure;
  }
}

/**
 * Makes a function of its text.
 *
 * @param name Its name: an arrow's text does not say it, and may call itself by it.
 * @throws {SyntaxError} If the text is not that of a function.
 * @throws {EvalError} If the platform's policy forbids it.
 */
export function compile(source: string, name: string): TaskCode {
  const body = isBindable(name)
    ? `const ${name} = (${source}\n); return ${name};`
    : `return (${source}\n);`;
  try {
    return new Function("__name", `"use strict"; ${body}`)(keepName);
  } catch (error) {
    throw explainPolicy(error);
  }
}

/** A page's policy, or a flag of Node's, forbids to compile text: the engine does not say what else to do. */
function explainPolicy(error: unknown): unknown {
  if (isError(error) && error.name === "EvalError") {
    error.message += ". Functions that go as source text need 'unsafe-eval' in the policy: " +
      "export the function from a module, and give the pool its 'module', or use fromModule()";
  }
  return error;
}

/** Whether a function's name may stand for it in its own text: there a global's name is the global. */
function isBindable(name: string): boolean {
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) || name in globalThis) return false;
  try {
    new Function("__name", `"use strict"; const ${name} = 0;`);
    return true;
  } catch {
    // A word of the language, such as the `default` of an export.
    return false;
  }
}

/** What esbuild, and so tsx, puts around functions to keep their names. */
function keepName(fn: unknown): unknown {
  return fn;
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line;
}
