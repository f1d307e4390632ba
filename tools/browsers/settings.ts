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
  /^tests\/(faults|pool\/(abort|apply|broadcast|crash|imap|inline|map|priority|recycle|transfer|turns|values)_test|browsers\/\w+_test\.ts)/;

/** What is tried of the second browser: its values and errors, and each way to submit. */
const IN_SHORT =
  /^tests\/(core\/wire|pool\/(apply|async_result|broadcast|error_properties|errors|imap|initializer|inline|map|module|queue|serve|settled|starmap|transfer|values)_test|browsers\/\w+_test\.ts)/;

/** The same where no memory is shared. */
const IN_VERY_SHORT = /^tests\/(pool\/(imap|inline|map)_test|browsers\/\w+_test\.ts)/;

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
    files: browser === "chromium" ? BY_MESSAGES : IN_VERY_SHORT,
  };
  const special = Object.entries(SPECIAL).map(([name, difference]) => ({
    ...plain,
    ...difference,
    name: `${browser} ${name}`,
    files: new RegExp(`^tests/browsers/${name}/`),
  }));
  const files = browser === "chromium" ? SUITES : IN_SHORT;
  const isolated = { ...plain, name: `${browser} isolated`, headers: ISOLATED, files };
  return [isolated, plain, ...special];
}

/** Every setting, those of one browser after the other. */
export const SETTINGS: readonly Setting[] = [
  ...settingsOf("chromium"),
  ...settingsOf("firefox"),
];
