/**
 * What becomes of pools in each bundler; `docs/bundlers.md` has it as a table.
 *
 * @module
 */

/**
 * What becomes of one kind of pool: it works; all but functions of modules that go by URL work; or
 * tasks fail with an error that says what to do.
 */
export type Outcome = "works" | "works, not by URL" | "fails";

/** One line of the table. */
export interface Row {
  /** `new Pool()`. */
  readonly plain: Outcome;
  /** `worker: embeddedWorker`. */
  readonly embedded: Outcome;
  /** `worker` and `serve()`. */
  readonly served: Outcome;
  /** `workers: 0`. */
  readonly calling_thread: Outcome;
}

const EVERYTHING: Row = {
  plain: "works",
  embedded: "works",
  served: "works",
  calling_thread: "works",
};
/** Where nothing makes a file of the package's worker. */
const NOT_PLAIN: Row = { ...EVERYTHING, plain: "fails" };

/** The pages, by how they are made. */
export const PAGES: Readonly<Record<string, Row>> = {
  "Vite 8, build": EVERYTHING,
  "Vite 8, dev server": EVERYTHING,
  "Vite 7, build": EVERYTHING,
  "Vite 7, dev server": NOT_PLAIN,
  "Vite 7, dev server, `optimizeDeps.exclude`": EVERYTHING,
  "webpack 5": EVERYTHING,
  "Rspack 2": EVERYTHING,
  "Parcel 2": EVERYTHING,
  "esbuild": NOT_PLAIN,
  "esbuild, split": NOT_PLAIN,
  "esbuild, minified": NOT_PLAIN,
  "esbuild, script": NOT_PLAIN,
  "Rollup 4": NOT_PLAIN,
  "Bun 1.4, `bun build`": NOT_PLAIN,
  "Deno 2.9, `deno bundle`": NOT_PLAIN,
};

/** The programs, by how they are made. */
export const PROGRAMS: Readonly<Record<string, Row>> = {
  "esbuild, module for Node": NOT_PLAIN,
  "esbuild, CommonJS for Node": NOT_PLAIN,
  "Bun 1.4, `bun build --compile`": NOT_PLAIN,
  "Node 24, single executable": NOT_PLAIN,
  // There `import()` in the program itself takes nothing but Node's own modules.
  "Node 26, single executable": { ...NOT_PLAIN, calling_thread: "works, not by URL" },
};

/** The table's cells, row by row, as the document has them. */
export function cellsOf(rows: Readonly<Record<string, Row>>): string[][] {
  return Object.entries(rows).map(([name, row]) => [
    name,
    ...[row.plain, row.embedded, row.served, row.calling_thread],
  ]);
}
