/**
 * Colours that go round, from night over ice and gold to night.
 *
 * @module
 */

/** Where on the round a colour stands, and its red, green and blue. */
const STOPS = [
  [0, [4, 8, 60]],
  [0.16, [32, 107, 203]],
  [0.42, [237, 255, 255]],
  [0.64, [255, 170, 0]],
  [0.86, [18, 4, 24]],
  [1, [4, 8, 60]],
];
const SHADES = 2048;
const TABLE = Array.from({ length: SHADES }, (_, n) => between(n / SHADES));
const INSIDE = [6, 7, 12];

/** The colour of a point that took so many rounds to get away. */
export function colour(rounds) {
  if (rounds === Infinity) return INSIDE;
  // The deeper, the slower colours change: near the edge the counts run wild.
  const turn = Math.max(0, 0.08 * Math.log2(Math.max(rounds, 0) + 1) ** 1.5 - 0.1);
  return TABLE[Math.floor(turn % 1 * SHADES)];
}

function between(place) {
  const next = STOPS.findIndex(([stop]) => stop > place);
  const [[start, from], [end, to]] = [STOPS[next - 1], STOPS[next]];
  const share = (place - start) / (end - start);
  return from.map((value, n) => value + share * (to[n] - value));
}
