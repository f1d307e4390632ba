/**
 * `node:test`, as far as this suite uses it, in a page.
 *
 * @module
 */

import type { TestResult } from "../report.ts";
import { absenceIn } from "./absent.ts";

type Body = () => unknown;

interface Options {
  readonly skip?: boolean | string | undefined;
  readonly timeout?: number;
}

interface Test {
  readonly path: readonly string[];
  readonly options: Options;
  readonly body: Body;
}

/** Longest that a test may take, in ms. */
const MAX_TEST = 60_000;

// As they are before a test of timers puts others in their place.
const { setTimeout, clearTimeout } = globalThis;

const tests: Test[] = [];
const hooks = { before: [] as Body[], after: [] as Body[] };

/** The suites whose bodies run, and what skips them. */
let suites: readonly string[] = [];
let skipsAll: Options = {};

/** Collects the tests of a suite. */
export function describe(name: string, body: () => void): void;
export function describe(name: string, options: Options, body: () => void): void;
export function describe(name: string, first: Options | Body, second?: Body): void {
  const outer = [suites, skipsAll] as const;
  const [options, body] = typeof first === "function" ? [{}, first] : [first, second];
  suites = [...suites, name];
  skipsAll = { ...skipsAll, ...options };
  body?.();
  [suites, skipsAll] = outer;
}

/** Collects a test. */
export function it(name: string, body: Body): void;
export function it(name: string, options: Options, body: Body): void;
export function it(name: string, first: Options | Body, second?: Body): void {
  const [options, body] = typeof first === "function" ? [{}, first] : [first, second];
  if (body === undefined) throw new TypeError(`Cannot run a test without a body: ${name}`);
  tests.push({ path: [...suites, name], options: { ...skipsAll, ...options }, body });
}

export { it as test };

/** Runs something before the file's tests. */
export function before(hook: Body): void {
  hooks.before.push(hook);
}

/** Runs something after the file's tests. */
export function after(hook: Body): void {
  hooks.after.push(hook);
}

/** Runs what was collected, and tells of each test. */
export async function runCollected(
  began: (name: string) => void,
  ended: (result: TestResult) => void,
): Promise<void> {
  for (const hook of hooks.before) await hook();
  for (const test of tests) {
    began(test.path.join(" > "));
    const result = await run(test);
    // What it left uncaught is told of in a later turn.
    await new Promise((wake) => setTimeout(wake));
    ended(result);
  }
  for (const hook of hooks.after) await hook();
}

async function run({ path, options: { skip = false, timeout = MAX_TEST }, body }: Test) {
  const start = performance.now();
  const end = (outcome: TestResult["outcome"], reason = ""): TestResult => {
    return { path, outcome, reason, seconds: (performance.now() - start) / 1000 };
  };
  if (skip !== false) return end("skipped", String(skip));
  try {
    await within(timeout, body);
    return end("passed");
  } catch (error) {
    const absence = absenceIn(error);
    return absence === undefined ? end("failed", textOf(error)) : end("skipped", absence);
  }
}

async function within(ms: number, body: Body): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`it took more than ${ms} ms`)), ms);
  try {
    await Promise.race([body(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error in words: only some browsers begin its stack with its message. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `not an error: ${String(error)}`;
  const { message, stack = "", cause } = error;
  const text = stack.includes(message) ? stack : `${error.name}: ${message}\n${stack}`;
  return cause === undefined ? text : `${text}\nfor: ${textOf(cause)}`;
}
