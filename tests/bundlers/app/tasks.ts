export function square(n: number): number {
  return n * n;
}

export function half(n: number): number {
  return n / 2;
}

export function negate(n: number): number {
  return -n;
}
