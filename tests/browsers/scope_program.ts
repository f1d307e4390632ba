/**
 * Runs pools in whatever scope loads it: a page, or a dedicated, shared or service worker. Who asks
 * for one of them sends its name, and a port for the answer.
 *
 * @module
 */

import { fromModule, Pool, type PoolOptions } from "../../mod.ts";
import * as tasks from "./tasks.ts";

const url = new URL("./tasks.ts", import.meta.url);

async function withPool<R>(options: PoolOptions, use: (pool: Pool) => Promise<R>): Promise<R> {
  const pool = new Pool(options);
  try {
    return await use(pool);
  } finally {
    await pool.terminate();
  }
}

const items = [1, 2, 3];

/** The name of a program; what ends in `Here` runs on the scope's own thread. */
export type Program =
  | "inline"
  | "inlineHere"
  | "plain"
  | "reference"
  | "referenceHere"
  | "served"
  | "timeout";

const programs: Readonly<Record<Program, () => Promise<unknown>>> = {
  inline: () => withPool({ workers: 2 }, (pool) => pool.map((n: number) => n * 2, items)),
  reference: () =>
    withPool({ workers: 2 }, (pool) => pool.map(fromModule<typeof tasks>(url).double, items)),
  plain: () => withPool({ workers: 2, module: url }, (pool) => pool.map(tasks.double, items)),
  served: () => {
    const worker = () =>
      new Worker(new URL("./tasks.worker.ts", import.meta.url), { type: "module" });
    return withPool({ workers: 2, worker }, (pool) => pool.map(tasks.double, items));
  },
  timeout: () =>
    withPool({ workers: 1 }, (pool) =>
      pool.apply(
        () => {
          for (;;);
        },
        [],
        { timeout: 50 },
      )),
  inlineHere: () => withPool({ workers: 0 }, (pool) => pool.map((n: number) => n * 2, items)),
  referenceHere: () =>
    withPool({ workers: 0 }, (pool) => pool.map(fromModule<typeof tasks>(url).double, items)),
};

/** What came of a program: its value, or its error in words. */
export type Answer = { readonly value: unknown } | { readonly name: string; readonly text: string };

/** Runs a program. */
export async function answerOf(program: Program): Promise<Answer> {
  try {
    return { value: await programs[program]() };
  } catch (error) {
    const { name, message } = Object(error);
    return { name, text: message };
  }
}

/** A message that asks for a program. */
type Question = MessageEvent<Program>;

async function hear({ data, ports: [port] }: Question): Promise<void> {
  port?.postMessage(await answerOf(data));
}

/** The slice of all the kinds of scopes that is used here. */
const scope = globalThis as unknown as {
  readonly document?: unknown;
  addEventListener(type: "message" | "connect", listener: (event: Question) => void): void;
};

if (scope.document === undefined) {
  scope.addEventListener("message", hear);
  scope.addEventListener("connect", ({ ports: [port] }) => {
    if (port !== undefined) port.onmessage = hear;
  });
}
