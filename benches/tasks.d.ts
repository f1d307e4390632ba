/** A small object, to be sent in great numbers. */
export interface Point {
  id: number;
  x: number;
  y: number;
  name: string;
}

export function increment(n: number): number;
export function square(n: number): number;
/** Computes for long: about 7 ms for 29. */
export function fib(n: number): number;
export function echo(buffer: Uint8Array): Uint8Array;
export function identity(value: unknown): unknown;
export function length(text: string): number;
export function toPoint(id: number): Point;
/** A row as of JSON, with a list in it. */
export function toRow(id: number): { id: number; name: string; tags: string[] };
/** An object with another one in it. */
export function toNested(id: number): { id: number; name: string; at: { x: number; y: number } };
/** Objects of three shapes, in turn. */
export function toMixed(id: number): Readonly<Record<string, unknown>>;
/** A text of 200 characters. */
export function toText(id: number): string;
export function scale(point: Point): Point;
/** Computes for so many milliseconds, and gives them back. */
export function spin(ms: number): number;
/** Computes for a number of steps: unlike `spin`, it takes longer where cores are shared. */
export function churn(steps: number): number;
