import { readFileSync } from "node:fs";
import process from "node:process";

export function square(n) {
  return n * n;
}

export function rename({ id, name }) {
  return { id, name: name.toUpperCase() };
}

export function grow({ id, parts }) {
  return { id, parts: parts.map((part) => part + 1) };
}

export function halve(numbers) {
  return numbers.map((number) => number / 2);
}

export function fail() {
  const error = new TypeError("the failure", { cause: new RangeError("the reason") });
  throw Object.assign(error, { code: "E_TASK", place: { line: 3 } });
}

export function readMissing() {
  return readFileSync("missing.txt");
}

export function giveUp() {
  throw new DOMException("the task gave up", "AbortError");
}

export function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function exit() {
  process.exit(3);
}
