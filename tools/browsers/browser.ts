/**
 * Starts a browser without a window, and tells it which pages to open. What pages have to say they
 * tell their server: no more than this is asked of a browser, so it takes no driver.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { Remote } from "./remote.ts";
import type { BrowserName } from "./settings.ts";

/** A browser that runs. */
export interface Browser {
  /** Shows a page, in front of all others: those behind have slow timers. */
  open(url: string): Promise<string>;
  /** Ends a page that `open()` named. */
  close(page: string): Promise<void>;
  /** Ends the browser, and all that it wrote. */
  stop(): Promise<void>;
}

/** How a kind of browser is started, and spoken to. */
interface Kind {
  readonly path: string;
  args(profile: string): readonly string[];
  /** Files of a new profile. */
  readonly files: Readonly<Record<string, string>>;
  pages(address: string): Promise<Pick<Browser, "open" | "close"> & { readonly remote: Remote }>;
}

/** Hosts that are no secure context lead to this machine as well. */
const HOST = "app.test";

const PREFERENCES = {
  "app.update.disabledForTesting": true,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.max_script_run_time": 0,
  "network.dns.localDomains": HOST,
  "toolkit.telemetry.enabled": false,
};

const KINDS: Readonly<Record<BrowserName, Kind>> = {
  chromium: {
    path: "/usr/bin/chromium",
    args: (profile) => [
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-background-timer-throttling",
      "--disable-dev-shm-usage",
      "about:blank",
    ],
    files: {},
    pages: openChromium,
  },
  firefox: {
    path: "/usr/bin/firefox-esr",
    args: (profile) => [
      "--headless",
      "--no-remote",
      "--remote-debugging-port=0",
      "--profile",
      profile,
      "about:blank",
    ],
    files: {
      "user.js": Object.entries(PREFERENCES)
        .map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`)
        .join(""),
    },
    pages: openFirefox,
  },
};

/** Why a browser cannot be used here, if so. */
export function absence(name: BrowserName): string | undefined {
  const { path } = KINDS[name];
  return existsSync(path) ? undefined : `there is no ${path} here`;
}

/** Starts a browser, with a profile that has never been used. */
export async function startBrowser(name: BrowserName): Promise<Browser> {
  const kind = KINDS[name];
  const profile = await mkdtemp(join(tmpdir(), `polypool-${name}-`));
  for (const [file, text] of Object.entries(kind.files)) await writeFile(join(profile, file), text);
  // In the group of this process: who kills that kills the browser too.
  const child = spawn(kind.path, kind.args(profile), { stdio: ["ignore", "ignore", "pipe"] });
  const kill = () => child.kill("SIGTERM");
  process.once("exit", kill);
  const ended = new Promise((resolve) => child.once("close", resolve));
  const { remote, open, close } = await kind.pages(await addressOf(child));
  return {
    open,
    close,
    async stop() {
      remote.close();
      kill();
      await ended;
      process.off("exit", kill);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Both say it in the same words. */
async function addressOf({ stderr }: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (stderr === null) throw new TypeError("Cannot hear a browser as it has no output");
  for await (const line of createInterface({ input: stderr })) {
    said.push(line);
    const address = / listening on (ws:\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    stderr.resume();
    return address;
  }
  throw new Error(`Cannot use the browser as it ended at once:\n${said.join("\n")}`);
}

/** Speaks the protocol of Chromium's developer tools. */
async function openChromium(address: string) {
  const remote = await Remote.connect(address);
  return {
    remote,
    async open(url: string) {
      const { targetId } = await remote.call("Target.createTarget", { url });
      return String(targetId);
    },
    async close(targetId: string) {
      await remote.call("Target.closeTarget", { targetId });
    },
  };
}

/** Speaks WebDriver BiDi. */
async function openFirefox(address: string) {
  const remote = await Remote.connect(`${address}/session`);
  await remote.call("session.new", { capabilities: {} });
  return {
    remote,
    async open(url: string) {
      const { context } = await remote.call("browsingContext.create", { type: "tab" });
      await remote.call("browsingContext.navigate", { context, url, wait: "none" });
      return String(context);
    },
    async close(context: string) {
      await remote.call("browsingContext.close", { context });
    },
  };
}
