/**
 * What pages tell of their tests, and a report of it in JUnit's form.
 *
 * @module
 */

/** How a test ended, as its page tells it. */
export interface TestResult {
  /** The suites it is in, and its own name. */
  readonly path: readonly string[];
  readonly outcome: "failed" | "passed" | "skipped";
  /** Why, unless it passed. */
  readonly reason: string;
  readonly seconds: number;
}

/** What a page tells its server. */
export type Told =
  | { readonly kind: "began"; readonly test: string }
  | { readonly kind: "ended"; readonly result: TestResult }
  | { readonly kind: "over" };

/** Joined as Deno's runner does it, which `tools/junit.ts` reads. */
export function nameOf({ path }: TestResult): string {
  return path.join(" > ");
}

/** The report of all results. */
export function junitOf(results: readonly TestResult[]): string {
  const cases = results.map((result) => {
    const head = `<testcase name="${escape(nameOf(result))}" time="${result.seconds.toFixed(3)}"`;
    if (result.outcome === "passed") return `${head}/>`;
    const tag = result.outcome === "failed" ? "failure" : "skipped";
    return `${head}><${tag} message="${escape(result.reason)}"/></testcase>`;
  });
  return `<testsuites>\n${cases.join("\n")}\n</testsuites>\n`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "?");
}
