/**
 * What the workers do: plain functions that need nothing around them, for some libraries send them
 * as source text. JavaScript, as not every library's workers can load TypeScript.
 *
 * @module
 */

// @ts-self-types="./tasks.d.ts"

export function increment(n) {
  return n + 1;
}

export function square(n) {
  return n * n;
}

export function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export function echo(buffer) {
  return buffer;
}

export function identity(value) {
  return value;
}

export function length(text) {
  return text.length;
}

export function toPoint(id) {
  return { id, x: id + 0.5, y: id / 3, name: `point ${id}` };
}

export function scale(point) {
  return { id: point.id, x: point.x * 2, y: point.y * 2, name: point.name };
}

export function toRow(id) {
  return { id, name: `row ${id}`, tags: [`a${id % 7}`, `b${id % 11}`, "c"] };
}

export function toNested(id) {
  return { id, name: `row ${id}`, at: { x: id, y: id / 2 } };
}

export function toMixed(id) {
  if (id % 3 === 0) return { id, name: `row ${id}` };
  if (id % 3 === 1) return { id, size: id / 2, isOpen: true };
  return { kind: "note", id, text: `note ${id}`, parent: null };
}

export function toText(id) {
  return `${id}:`.padEnd(200, "abcdefghij");
}

export function spin(ms) {
  const end = performance.now() + Math.min(ms, 10_000);
  while (performance.now() < end);
  return ms;
}

export function churn(steps) {
  let state = 1;
  for (let step = 0; step < steps; step++) {
    state = (Math.imul(state, 1_664_525) + step) | 0;
  }
  return state;
}
