/**
 * What the package adds to a page; `docs/bundlers.md` says it as well.
 *
 * @module
 */

/** Bytes, minified by esbuild and packed by gzip. */
export interface Size {
  /** What is measured. */
  readonly code: string;
  /** What it comes to. */
  readonly bytes: number;
}

/** By what each is called in the docs. */
export const SIZES: Readonly<Record<string, Size>> = {
  "a page with `Pool`": {
    code: 'import { Pool } from "@polypool/pool"; globalThis.pool = new Pool();',
    bytes: 34_700,
  },
  "a worker with `serve()`": {
    code: 'import { serve } from "@polypool/pool/worker"; serve({});',
    bytes: 13_400,
  },
};
