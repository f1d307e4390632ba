/**
 * How fast numbers grow that jump about as well.
 *
 * @module
 */

/** How much a series grows from one value to the next: the median over all pairs, which no outlier moves. */
export function slope(values: readonly number[]): number {
  const slopes = values.flatMap((value, at) =>
    values.slice(at + 1).map((later, distance) => (later - value) / (distance + 1))
  );
  return median(slopes);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}
