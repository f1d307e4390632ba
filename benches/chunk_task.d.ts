export function runOnAll(
  name: keyof typeof import("./tasks.js"),
  items: readonly unknown[],
): unknown[];
