// No bundler sees this file: pages and programs find it beside themselves as it is.
export function cube(n) {
  return n ** 3;
}
