/**
 * Numbers as tables and charts show them.
 *
 * @module
 */

/** Keeps three digits, and writes thousands and millions as such: 1.23M. */
export function formatNumber(value: number): string {
  for (
    const [unit, size] of [
      ["G", 1e9],
      ["M", 1e6],
      ["k", 1e3],
    ] as const
  ) {
    // From here on three digits would round up to the next unit.
    if (Math.abs(value) >= 0.9995 * size) {
      return `${threeDigits(value / size)}${unit}`;
    }
  }
  return threeDigits(value);
}

/** A ratio, as in 8.31×. */
export function formatRatio(value: number): string {
  return `${formatNumber(value)}×`;
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
