/**
 * The rows of the table of tests: which files each runs, and on what.
 *
 * @module
 */

import { existsSync, readdirSync } from "node:fs";
import { type Runtime, RUNTIMES } from "./runtimes.ts";
import type { Command } from "./test_run.ts";

/** One row, before it is run. */
export interface RowPlan {
  readonly runtime: Runtime;
  readonly command: Command;
  /** Paths from the root of the repository. */
  readonly files: readonly string[];
  /** What has to be installed for it, as tasks of `deno.json`. */
  readonly needs: readonly string[];
  /** What else than its own runtime its tests run. */
  readonly uses?: readonly string[];
}

/** The rows that are run where none is named. */
export const DEFAULT_ROWS: readonly string[] = [...Object.keys(RUNTIMES), "docs"];

/** Folders of `tests/` that try the package in other people's tools, or the page that shows it. */
const ECOSYSTEM = ["runners", "bundlers", "page"];

/** Folders of `tests/` whose files run in pages, those of `browsers` nowhere else. */
const IN_PAGES = ["core", "runtime", "pool", "faults", "conformance", "browsers"];

/** The row of a name. */
export function planOf(name: string): RowPlan {
  const { deno, node24 } = RUNTIMES;
  if (deno === undefined || node24 === undefined) throw new TypeError("Cannot do without them");
  const needs: string[] = [];
  switch (name) {
    case "docs":
      return { runtime: deno, command: "docs", files: documents(), needs };
    case "browsers":
      return { runtime: node24, command: "browsers", files: testsIn(IN_PAGES), needs };
    case "ecosystem": {
      const files = testsIn(ECOSYSTEM);
      const tools = ["runners:deps", "bundlers:deps"];
      return { runtime: node24, command: "node", files, needs: tools, uses: ["bun", "node26"] };
    }
  }
  const runtime = RUNTIMES[name];
  if (runtime === undefined) throw new RangeError(`Cannot test as no row has the name: ${name}`);
  const others = [...testsIn(ECOSYSTEM), ...testsIn(["browsers"])];
  const files = allTests().filter((file) => !others.includes(file));
  return { runtime, command: runtime.kind, files, needs };
}

function documents(): string[] {
  const top = readdirSync(".").filter((name) => name.endsWith(".ts") || name === "README.md");
  const docs = existsSync("docs") ? readdirSync("docs").filter((name) => name.endsWith(".md")) : [];
  return [...top, ...docs.map((name) => `docs/${name}`)];
}

function testsIn(folders: readonly string[]): string[] {
  return allTests().filter((file) => folders.some((name) => file.startsWith(`tests/${name}/`)));
}

function allTests(): string[] {
  const names = readdirSync("tests", { recursive: true, encoding: "utf8" });
  const own = names.filter((name) => name.endsWith("_test.ts") && !name.includes("node_modules"));
  return own.map((name) => `tests/${name}`).sort();
}
