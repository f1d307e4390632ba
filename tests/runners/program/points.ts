export interface Point {
  readonly x: number;
  readonly y: number;
}

export function turn({ x, y }: Point): Point {
  return { x: -y, y: x };
}
