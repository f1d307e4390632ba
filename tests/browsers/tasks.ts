/** A task that a worker imports. */
export function double(n: number): number {
  return n * 2;
}
