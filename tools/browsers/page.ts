/**
 * What runs in a page: the test file in the page's address.
 *
 * @module
 */

import type { TestResult, Told } from "./report.ts";
import { absenceIn } from "./shims/absent.ts";
import { runCollected, textOf } from "./shims/test.ts";

// As it is before a test puts another in its place.
const { fetch } = globalThis;

const file = globalThis.location.pathname.slice("/page/".length);
let last: Promise<unknown> = Promise.resolve();

/** Tells the server, one thing after the other. */
function tell(told: Told): void {
  last = last.then(() => fetch(`/${file}`, { method: "POST", body: JSON.stringify(told) }));
}

function ended(result: TestResult): void {
  tell({ kind: "ended", result });
}

/** A failure that is no test's. */
function failed(name: string, error: unknown): void {
  ended({ path: [name], outcome: "failed", reason: textOf(error), seconds: 0 });
}

/** What nobody caught since a test ended: the next one to end is why. */
const uncaught: { readonly name: string; readonly error: unknown }[] = [];

globalThis.addEventListener("error", ({ error }) => {
  uncaught.push({ name: "uncaught error", error });
});
globalThis.addEventListener("unhandledrejection", ({ reason }) => {
  uncaught.push({ name: "unhandled rejection", error: reason });
});

/** Tells of a test that has ended; one that was left midway leaves behind what it had begun. */
function testEnded(result: TestResult): void {
  ended(result);
  const strays = uncaught.splice(0);
  if (result.outcome === "skipped") return;
  for (const { name, error } of strays) failed(`${name} in: ${result.path.join(" > ")}`, error);
}

try {
  await import(`/${file}`);
  await runCollected((test) => tell({ kind: "began", test }), testEnded);
} catch (error) {
  const reason = absenceIn(error);
  if (reason === undefined) failed("loading the file", error);
  else ended({ path: ["all of its tests"], outcome: "skipped", reason, seconds: 0 });
}
for (const { name, error } of uncaught) failed(name, error);
tell({ kind: "over" });
