/**
 * Runs pools in whatever scope loads it: a page, or a dedicated, shared or service worker. Who asks
 * for one of them sends its name, and a port for the answer.
 *
 * @module
 */

import { fromModule, Pool, type PoolOptions } from "../../mod.ts";
import { isFirefox } from "../fixtures/runtime.ts";
import * as tasks from "./tasks.ts";

/** The slice of all the kinds of scopes that is used here. */
const scope = globalThis as unknown as {
  readonly document?: unknown;
  addEventListener(
    type: "message" | "connect",
    listener: (event: MessageEvent<Program>) => void,
  ): void;
};

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

/**
 * How many workers a pool has. Firefox may block a worker for ever in the second `new Worker` of a
 * turn, whoever calls it.
 */
const workers = isFirefox && scope.document === undefined ? 1 : 2;

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
  inline: () => withPool({ workers }, (pool) => pool.map((n: number) => n * 2, items)),
  reference: () =>
    withPool({ workers }, (pool) => pool.map(fromModule<typeof tasks>(url).double, items)),
  plain: () => withPool({ workers, module: url }, (pool) => pool.map(tasks.double, items)),
  served: () => {
    const worker = () =>
      new Worker(new URL("./tasks.worker.ts", import.meta.url), { type: "module" });
    return withPool({ workers, worker }, (pool) => pool.map(tasks.double, items));
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

if (scope.document === undefined) {
  scope.addEventListener("message", hear);
  scope.addEventListener("connect", ({ ports: [port] }) => {
    if (port !== undefined) port.onmessage = hear;
  });
}
