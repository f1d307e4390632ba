/**
 * What polypool's answers are called in Python, so that they compare with the recorded ones.
 *
 * @module
 */

import { PoolStateError, type ResultIterator } from "../../mod.ts";

/** Names in Python of the errors that have another one here. */
const ERROR_NAMES: Readonly<Record<string, string>> = {
  DataCloneError: "PicklingError",
  RangeError: "ValueError",
  SerializationError: "MaybeEncodingError",
};

const STATES: Readonly<Record<string, string>> = {
  closed: "CLOSE",
  running: "RUN",
  terminated: "TERMINATE",
};

/** More steps than any recorded iterator has: one that never ends must not end the test run. */
const MAX_STEPS = 50;

/** Names an error as Python does. */
export function pythonName(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  return ERROR_NAMES[name] ?? name;
}

/** Names an error that is about the pool's or a result's state: a ValueError in Python. */
export function stateErrorName(error: unknown): string {
  return error instanceof PoolStateError ? "ValueError" : `not a state error: ${error}`;
}

/** Writes an error as generate.py does. */
export function shown(error: unknown): string {
  return `${pythonName(error)}: ${error instanceof Error ? error.message : error}`;
}

/** Names a pool's state as Python does; "broken" is ours alone. */
export function pythonState(state: string): string {
  return STATES[state] ?? state;
}

/** Gives the value, or the Python name of the error. */
export async function settled(result: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await result;
  } catch (error) {
    return pythonName(error);
  }
}

/** Gives the error that must come, as generate.py writes it. */
export async function errorOf(result: PromiseLike<unknown>): Promise<string> {
  try {
    return `no error, but ${await result}`;
  } catch (error) {
    return shown(error);
  }
}

/** Python name of the error that a call throws at once, or "None". */
export function thrownBy(call: () => unknown, nameOf: (error: unknown) => string): string {
  try {
    const result = call();
    // A call that was meant to throw may have given a promise, which nobody else handles.
    Promise.resolve(result).catch(() => {});
    return "None";
  } catch (error) {
    return nameOf(error);
  }
}

/** What an iterator gives, step by step, up to its end and one step more. */
export async function trail(results: ResultIterator<unknown>): Promise<string[]> {
  const steps: string[] = [];
  while (steps.filter((step) => step === "StopIteration").length < 2) {
    steps.push(await nextStep(results));
    if (steps.length > MAX_STEPS) throw new Error(`Cannot see an end: ${steps.join(", ")}`);
  }
  return steps;
}

async function nextStep(results: ResultIterator<unknown>): Promise<string> {
  try {
    const { done, value } = await results.next();
    return done ? "StopIteration" : JSON.stringify(value);
  } catch (error) {
    return shown(error);
  }
}
