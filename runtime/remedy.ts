import type { Remedy } from "../core/ports.ts";
import { describe } from "../core/wire/error_codec.ts";
import { NoStartError, type WorkerSource } from "./start.ts";
import { DID_NOT_LOAD } from "./web.ts";

/** Failures that no other start would be spared, by what platforms say of them. */
const FINAL: readonly { readonly said: RegExp; readonly advice?: string }[] = [
  // Deno and Node, which name the flag.
  { said: /run again with the --allow-/ },
  { said: /Access to this API has been restricted/ },
  {
    said: /^SecurityError/,
    advice: "a page makes workers of files of its own origin only, and as its policy lets it, " +
      "serve the worker's file from there and give the pool its option 'worker'",
  },
  {
    said: /The Worker method is not implemented/,
    advice: "have tasks run on the calling thread by 'workers: 0'",
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
  if (isServed) return text.includes(DID_NOT_LOAD) ? { advice: SERVED, isFinal: false } : undefined;
  return file && { advice: missing(file), isFinal: false };
}

const SERVED = "it came from the option 'worker': its file may be missing, not be served as " +
  "JavaScript, or be forbidden by the page's policy";

function missing(file: URL): string {
  return `its file is ${file}, where that is missing, as in a bundle or a compiled program, or ` +
    "forbidden by a page's policy, give the pool its option 'worker'";
}
