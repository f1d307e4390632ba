/**
 * Writes into docs/architecture.md which files there are and which way they import.
 *
 *     deno task architecture
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { APART, EXCEPTIONS, readSources, RINGS } from "./check_imports.ts";

const DOCUMENT = "docs/architecture.md";

/** What is generated stands between these two. */
const BEGIN = "<!-- files: written by `deno task architecture` -->";
const END = "<!-- end of files -->";

/** Files of which one table tells. */
interface Part {
  readonly title: string;
  /** What is in each file, by its path; first those that are best read first. */
  readonly files: Readonly<Record<string, string>>;
}

const PARTS: readonly Part[] = [
  {
    title: "What callers see, and what turns their calls into jobs:",
    files: {
      "mod.ts": "entry point `.`: the list of what is public",
      "worker.ts": "entry point `./worker`: a worker's main module, and `serve()`",
      "pool.ts": "`Pool`: the public methods",
      "default_worker.ts": "where the worker's own file is; its start, as bundlers can follow it",
      "submitter.ts": "turns calls of the pool's methods into jobs",
      "options.ts": "the options' types, defaults and checks",
      "async_result.ts": "`AsyncResult`; callbacks",
      "result_iterator.ts": "`ResultIterator`, what `imap` gives; ends what is garbage",
      "errors.ts": "the errors that callers may want to catch",
    },
  },
  {
    title: "The pool's side, which decides:",
    files: {
      "core/pool/scheduler.ts": "what happens to every job: hears callers and workers",
      "core/pool/job.ts": "one job: gives its tasks in chunks, takes their outcomes",
      "core/pool/chunk.ts":
        "tasks that go to a worker together; which of them have begun (`Claims`)",
      "core/pool/dispatcher.ts": "which chunk goes to which worker; stealing what has not begun",
      "core/pool/policy.ts": "how a job wants its tasks run",
      "core/pool/job_queue.ts": "the jobs that wait, by priority, in turns; broadcasts",
      "core/pool/roster.ts": "which workers there are: starts on demand, retires, replaces",
      "core/pool/pool_worker.ts": "one worker: its state, what it is told and what it says",
      "core/pool/backlog.ts": "the chunks that one worker holds; what is lost with it",
      "core/pool/ground.ts": "what a pool and its workers stand on; a worker's first message",
      "core/pool/parcels.ts": "the items of a chunk, ready to be sent",
      "core/pool/sender.ts": "sends chunks; what cannot be sent fails alone",
      "core/pool/idleness.ts": "how long a worker has had nothing to do",
      "core/pool/demise.ts": "what a worker dies of",
      "core/pool/task_watch.ts":
        "what a worker says of its chunks; ends a task that must not go on",
      "core/pool/inputs.ts": "reading inputs, sync and async, as there is room",
      "core/pool/collectors.ts":
        "where outcomes go: an array, settled outcomes, an `imap`; in order",
      "core/pool/apply_calls.ts": "a run of equal `apply` calls as one job",
      "core/pool/functions.ts":
        "functions: what they cost, how many tasks go together, their places",
    },
  },
  {
    title: "What both sides agree on:",
    files: {
      "core/wire/protocol.ts": "every message that crosses, and the one look at those that arrive",
      "core/wire/shapes.ts": "checks of what arrived",
      "core/wire/shared_memory.ts": "claim words; values that the pool can read behind a busy task",
      "core/wire/contents.ts": "what a clone would copy of an object",
      "core/wire/refusal.ts": "what of a value cannot be cloned, and where it lies",
      "core/wire/views.ts":
        "views of large buffers, which are sent alone; values that arrive empty",
      "core/wire/packing.ts": "values on their way: numbers as a typed array, objects as columns",
      "core/wire/gathered.ts": "values that come one by one, to be sent together",
      "core/wire/task_ref.ts": "how a function crosses: `fromModule()`, `inline()`",
      "core/wire/source_text.ts": "functions as text: what can be sent, and made of it again",
      "core/wire/error_codec.ts": "errors to records that can be cloned, and back",
    },
  },
  {
    title: "The worker's side, which runs:",
    files: {
      "core/worker/task_runner.ts": "takes chunks; the task that runs, as its own code sees it",
      "core/worker/task_loader.ts": "finds functions: imports modules, keeps what it found",
      "core/worker/task_lookup.ts": "which export of a module a name means, or why none",
      "core/worker/chunk_run.ts": "runs the tasks of a chunk, one by one",
      "core/worker/outbox.ts": "sends results, many to a message if they come fast",
      "core/worker/thread_state.ts":
        "what all copies of the package in a thread share; whose code runs",
      "core/worker/pools_above.ts": "refuses pools without end",
      "core/worker/task_context.ts": "`currentTask()`, `move()`, `isPoolWorker()`",
    },
  },
  {
    title: "What all of core may use:",
    files: {
      "core/ports.ts": "what bounds a pool; threads and timers as its side needs them: types",
      "core/queues.ts": "queues: first in, first out; by rank",
      "core/brands.ts": "what a value is, whichever realm it comes from",
      "core/error_stack.ts": "what an error is, its stack, and the caller's part of that",
    },
  },
  {
    title: "What touches a platform:",
    files: {
      "runtime/thread.ts": "one worker's thread: its start, its last messages, its end",
      "runtime/start.ts": "making a worker of a file, of text, of a file of another origin",
      "runtime/embedded.ts": "workers whose text is at hand, for the option `worker`",
      "runtime/remedy.ts": "what can be done about a worker that does not start",
      "runtime/port.ts": "a worker whatever it runs on, as types; what a port sends and brings",
      "runtime/lists.ts": "long lists as messages of their own, which Bun copies sooner",
      "runtime/web.ts": "… of the web's kind: Deno, Bun, browsers",
      "runtime/node.ts": "… of Node's",
      "runtime/inline.ts": "… none: tasks on the calling thread (`workers: 0`)",
      "runtime/async_context.ts":
        "where tasks run, and calls back: async contexts, where there are any",
      "runtime/turns.ts": "turns of the event loop, in order",
      "runtime/scope.ts": "the worker's own side of these",
      "runtime/channel.ts": "the pool's end of its channel with a worker; reports in portions",
      "runtime/handshake.ts":
        "how a worker and its pool come together; the lock that tells of its end",
      "runtime/main_module.ts":
        "the program's main module, and whether a text is as its file has it",
      "runtime/platform.ts": "which platform this is; its own timers and clock",
      "runtime/clock.ts": "waits of any length, which hear what has arrived before they are over",
    },
  },
];

/**
 * What the document says of the files and the arrows between them, as Markdown.
 *
 * @param paths The source files that there are.
 * @throws {Error} If a file has no description, or a description no file.
 */
export function filesAndArrows(paths: readonly string[]): string {
  const described = PARTS.flatMap(({ files }) => Object.keys(files));
  const missing = paths.filter((path) => !described.includes(path));
  if (missing.length > 0) throw new Error(`Cannot describe some files: ${missing.join(", ")}`);
  const gone = described.filter((path) => !paths.includes(path));
  if (gone.length > 0) throw new Error(`Cannot find some files: ${gone.join(", ")}`);
  return [...arrows(), ...PARTS.flatMap(tableOf)].join("\n");
}

function arrows(): string[] {
  const apart = APART.map((pair) => pair.join(", "));
  const exceptions = EXCEPTIONS.map(({ from, to, reason }) => `${from} -> ${to}, ${reason}`);
  const drawing = [
    ...linesOf(RINGS.map(({ name }) => name)),
    "",
    ...headed("never each other:", apart),
    ...headed("exceptions:", exceptions),
  ];
  return ["```", ...drawing, "```"];
}

function headed(head: string, lines: readonly string[]): string[] {
  return lines.map((line, at) => `${(at === 0 ? head : "").padEnd(19)}${line}`);
}

/** The rings from the inside out, in two lines, of which the second begins with an arrow. */
function linesOf(names: readonly string[]): string[] {
  const arrow = "  <-  ";
  const middle = Math.ceil(names.length / 2);
  const lines = [names.slice(0, middle), names.slice(middle)].map((part) => part.join(arrow));
  return [lines.join(`\n      ${arrow.trimStart()}`)];
}

function tableOf({ title, files }: Part): string[] {
  const rows = Object.entries(files).map(([path, text]) => [`\`${path}\``, text]);
  const all = [["file", "what is in it"], ...rows];
  // As the formatter has it, so that the document is the same before and after.
  const widths = [0, 1].map((at) => Math.max(...all.map((cells) => cells[at]?.length ?? 0)));
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = all;
  const rule = widths.map((width) => "-".repeat(width));
  return ["", title, "", lineOf(head), lineOf(rule), ...body.map(lineOf)];
}

/**
 * A document with its generated part written anew.
 *
 * @throws {Error} If it has no place for that.
 */
export function withGenerated(document: string, generated: string): string {
  const [before, rest = ""] = document.split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error("Cannot write the files as the document has no place");
  return [before, BEGIN, "\n\n", generated, "\n\n", END, after].join("");
}

function main(): void {
  const root = new URL("../", import.meta.url);
  const document = new URL(DOCUMENT, root);
  const generated = filesAndArrows(readSources(root).map(({ path }) => path));
  writeFileSync(document, withGenerated(readFileSync(document, "utf8"), generated));
}

if (import.meta.main) main();
