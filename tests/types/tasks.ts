export function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export async function shout(text: string, times: number): Promise<string> {
  await Promise.resolve();
  return text.toUpperCase().repeat(times);
}

export function greet(name = "world"): string {
  return `hello ${name}`;
}

export function first<T>(items: T[]): T | undefined {
  return items[0];
}

export const version = "1";
