import type { Remedy } from "../core/ports.ts";
import { describe } from "../core/wire/error_codec.ts";
import { NoStartError, type WorkerSource } from "./start.ts";
import { DID_NOT_LOAD } from "./web.ts";

/** Failures that no other start would be spared, by what platforms say of them. */
const FINAL: readonly { readonly said: RegExp; readonly advice?: string }[] = [
  // Deno and Node, which say what is needed.
  { said: /run again with the --allow-|escalate parent thread permissions/ },
  { said: /Access to this API has been restricted/ },
  {
    said: /^SecurityError/,
    advice: "a page makes workers of files of its own origin only, and as its policy lets it: " +
      "have the option 'worker' name such a file",
  },
  {
    said: /\bWorker is not defined|variable: Worker|The Worker method is not implemented/,
    advice: "Node has its Worker in node:worker_threads, and where there is none tasks run on " +
      "the calling thread by 'workers: 0'",
  },
];

/**
 * What can be done about a start that failed before its worker said a word.
 *
 * @param cause What is known of it.
 * @param source Where the worker came from.
 */
export function remedyFor(cause: unknown, { isServed, file }: WorkerSource): Remedy | undefined {
  if (cause instanceof NoStartError) return { isFinal: true };
  const text = describe(cause);
  const known = FINAL.find(({ said }) => said.test(text));
  if (known !== undefined) return { ...known, isFinal: true };
  if (file !== undefined) return { advice: adviceOn(file), isFinal: false };
  if (!text.includes(DID_NOT_LOAD)) return undefined;
  return { advice: isServed ? UNSERVED : UNREAD, isFinal: false };
}

/** What can be done about a worker that did not say in time that it is ready. */
export function remedyForSilence({ isServed }: WorkerSource): Remedy | undefined {
  return isServed ? { advice: SILENT, isFinal: false } : undefined;
}

const SILENT = "it came from the option 'worker', whose file has to call serve()";

const UNREAD =
  "it is made of text, which the page's policy may forbid: let it say worker-src blob:";

const UNSERVED = "it came from the option 'worker': its file may be missing, not be served as " +
  "JavaScript, or be forbidden by the page's policy or headers";

function adviceOn(file: URL): string {
  return `its file is ${file}, where that is missing, as in a bundle or a compiled program, or ` +
    "forbidden by a page's policy or headers, give the pool its option 'worker', such as " +
    "embeddedWorker of npm's package";
}
