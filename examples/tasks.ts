/**
 * Functions for workers to run.
 *
 * @module
 */

/** Returns the Fibonacci number at an index, slowly. */
export function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

/** Returns the sum of two numbers. */
export function add(a: number, b: number): number {
  return a + b;
}
