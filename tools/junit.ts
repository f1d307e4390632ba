/**
 * Counts the tests of a JUnit report, the same for Deno, Bun and Node.
 *
 * @module
 */

/** How the tests of one run ended. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A quoted attribute may hold `>`: Node does not escape it. */
const TEST_CASE = /<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/** Counts the tests of a report; a suite around tests is none, whatever the runner says. */
export function countTests(report: string): Counts {
  const cases = [...report.matchAll(TEST_CASE)].map(([, attributes = "", body = ""]) => ({
    name: /\bname="([^"]*)"/.exec(attributes)?.[1] ?? "",
    outcome: outcomeOf(attributes, body),
  }));
  const suites = new Set(cases.flatMap(({ name }) => outerNames(name)));
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, outcome } of cases) {
    if (!suites.has(name)) counts[outcome]++;
  }
  return counts;
}

function outcomeOf(attributes: string, body: string): keyof Counts {
  if (/<(failure|error)\b/.test(body) || neverRan(attributes)) return "failed";
  return body.includes("<skipped") ? "skipped" : "passed";
}

/**
 * Tells a test that a runner calls skipped or passed although it never ran it. Deno skips what a
 * `process.exit()` cut off, and leaves out its time. Node has a file without tests, or one that
 * exits early, pass as a test of the file's name.
 */
function neverRan(attributes: string): boolean {
  return !/\btime="/.test(attributes) || /\bname="[^"]*_test\.ts"/.test(attributes);
}

/** Deno reports a suite as one more test: `a > b > c` is in the suites `a` and `a > b`. */
function outerNames(name: string): string[] {
  const parts = name.split(" &gt; ");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(" &gt; "));
}
