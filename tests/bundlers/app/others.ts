/** Functions that no worker serves; where names are minified, some have the names of those. */
export const OTHERS: readonly ((n: number) => number)[] = [
  function cube(n) {
    return n ** 3;
  },
  function double(n) {
    return n * 2;
  },
  function third(n) {
    return n / 3;
  },
  function successor(n) {
    return n + 1;
  },
];
