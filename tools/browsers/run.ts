/**
 * Runs test files in pages, in every setting or in those whose name begins with a word.
 *
 *     node tools/browsers/run.ts [--only chromium] [--report report.xml] file...
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { absence, startBrowser } from "./browser.ts";
import { junitOf, nameOf, type TestResult } from "./report.ts";
import { serve } from "./server.ts";
import { type BrowserName, type Setting, SETTINGS, UNFIT } from "./settings.ts";
import { Visit } from "./visit.ts";

/** Pages that one browser shows: workers by the thousand make it slow. */
const PAGES = 10;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    report: { type: "string" },
  },
});

const files = positionals.map((file) => file.replace(/^\.\//, ""));
const results: TestResult[] = [];
// Pages wait for workers to start most of the time.
await Promise.all((["chromium", "firefox"] as const).map(runBrowser));
if (options.report !== undefined) await writeFile(options.report, junitOf(results));
process.exitCode = countOf(results, "failed") > 0 ? 1 : 0;

async function runBrowser(name: BrowserName): Promise<void> {
  const settings = SETTINGS.filter((setting) =>
    setting.browser === name && setting.name.startsWith(options.only) &&
    filesOf(setting).length > 0
  );
  if (settings.length === 0) return;
  const reason = absence(name);
  if (reason !== undefined) return add(name, [{ path: ["all tests"], ...skipped(reason) }]);
  for (const setting of settings) await runSetting(setting);
}

function filesOf(setting: Setting): string[] {
  return files.filter((file) => setting.files.test(file));
}

function skipped(reason: string): Omit<TestResult, "path"> {
  return { outcome: "skipped", reason, seconds: 0 };
}

async function runSetting(setting: Setting): Promise<void> {
  const start = performance.now();
  const found: TestResult[] = [];
  const all = filesOf(setting);
  for (let at = 0; at < all.length; at += PAGES) {
    found.push(...await runFiles(setting, all.slice(at, at + PAGES)));
  }
  const counts = (["passed", "failed", "skipped"] as const).map((outcome) =>
    `${countOf(found, outcome)} ${outcome}`
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${setting.name}: ${counts.join(", ")} in ${seconds} s`);
}

/** Runs some files in a browser that has shown nothing before. */
async function runFiles(setting: Setting, some: readonly string[]): Promise<TestResult[]> {
  const visits = new Map<string, Visit>();
  const server = await serve(setting.headers, (file, told) => visits.get(file)?.hear(told));
  const browser = await startBrowser(setting.browser);
  const visitPage = async (file: string) => {
    const visit = new Visit();
    visits.set(file, visit);
    const close = await browser.open(`http://${setting.host}:${server.port}/page/${file}`);
    const told = await visit.results();
    await close();
    return told;
  };
  const found: TestResult[] = [];
  try {
    for (const file of some) {
      const need = UNFIT[file];
      const told = need === undefined
        ? await visitPage(file)
        : [{ path: ["all of its tests"], ...skipped(need) }];
      const inFile = told.map((result) => ({ ...result, path: [file, ...result.path] }));
      add(setting.name, inFile);
      found.push(...inFile);
    }
  } finally {
    await browser.stop();
    server.stop();
  }
  return found;
}

/** Keeps results, and prints those that failed. */
function add(setting: string, found: readonly TestResult[]): void {
  for (const { path, ...rest } of found) {
    const result = { ...rest, path: [setting, ...path] };
    results.push(result);
    if (rest.outcome === "failed") console.log(`✖ ${nameOf(result)}\n${rest.reason}\n`);
  }
}

function countOf(found: readonly TestResult[], wanted: TestResult["outcome"]): number {
  return found.filter(({ outcome }) => outcome === wanted).length;
}
