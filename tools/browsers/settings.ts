/**
 * Where pages are tried: browsers, and what their server says of the pages.
 *
 * @module
 */

/** A browser that is driven here. */
export type BrowserName = "chromium" | "firefox";

/** One way to show pages. */
export interface Setting {
  /** As reports name it. */
  readonly name: string;
  readonly browser: BrowserName;
  /** The host in a page's address; what is not `localhost` is no secure context. */
  readonly host: string;
  /** What the server says with each file. */
  readonly headers: Readonly<Record<string, string>>;
  /** Paths of the test files that run here. */
  readonly files: RegExp;
}

/** Only such pages have shared memory. */
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** What is not for certain pages alone. */
const SUITES = /^tests\/(core|runtime|pool|faults|conformance|browsers\/\w+_test\.ts)/;

/** Of these, what goes another way where no memory is shared, and what has to do with the page. */
const BY_MESSAGES =
  /^tests\/(runtime|faults|pool\/(abort|apply|beside|broadcast|crash|imap|inline|map|priority|recycle|timeout|transfer|turns|values)_test|browsers\/\w+_test\.ts)/;

/** Files none of whose tests a page can run, with what they need. */
export const UNFIT: Readonly<Record<string, string>> = {
  "tests/runtime/node_test.ts": "needs the threads of Node",
};

/** Pages that differ from others in more than their tests, by the name of their files. */
const SPECIAL = {
  script_policy: { headers: { "Content-Security-Policy": "script-src 'self'" } },
  worker_policy: { headers: { "Content-Security-Policy": "worker-src 'none'" } },
  insecure: { host: "app.test" },
};

function settingsOf(browser: BrowserName): Setting[] {
  const plain = {
    name: `${browser} plain`,
    browser,
    host: "127.0.0.1",
    headers: {},
    files: BY_MESSAGES,
  };
  const special = Object.entries(SPECIAL).map(([name, difference]) => ({
    ...plain,
    ...difference,
    name: `${browser} ${name}`,
    files: new RegExp(`^tests/browsers/${name}/`),
  }));
  const isolated = { ...plain, name: `${browser} isolated`, headers: ISOLATED, files: SUITES };
  return [isolated, plain, ...special];
}

/** Every setting, those of one browser after the other. */
export const SETTINGS: readonly Setting[] = [
  ...settingsOf("chromium"),
  ...settingsOf("firefox"),
];
