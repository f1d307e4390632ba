/**
 * Starts browsers without a window. What pages have to say they tell their server.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { chromium, type LaunchOptions } from "playwright-core";
import puppeteer from "puppeteer-core";
import type { BrowserName } from "./settings.ts";

/** A browser that runs. */
export interface Browser {
  /** Shows a page, in front of all others: those behind have slow timers. Gives what closes it. */
  open(url: string): Promise<() => Promise<void>>;
  /** Ends the browser. */
  stop(): Promise<void>;
}

/** A host that is no secure context, and leads to this machine. */
const HOST = "app.test";

/** How Chromium is started, by whoever drives it. */
export const CHROMIUM: LaunchOptions & { executablePath: string } = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
  ],
};

const FIREFOX = {
  browser: "firefox",
  executablePath: "/usr/bin/firefox-esr",
  headless: true,
  // It would tell of each file that each worker loads: most of the time went there.
  networkEnabled: false,
  extraPrefsFirefox: { "dom.max_script_run_time": 0, "network.dns.localDomains": HOST },
} as const;

const PATHS: Readonly<Record<BrowserName, string>> = {
  chromium: CHROMIUM.executablePath,
  firefox: FIREFOX.executablePath,
};

/** Why a browser cannot be used here, if so. */
export function absence(name: BrowserName): string | undefined {
  return existsSync(PATHS[name]) ? undefined : `there is no ${PATHS[name]} here`;
}

/** Starts a browser, with a profile that has never been used. */
export function startBrowser(name: BrowserName): Promise<Browser> {
  return name === "chromium" ? startChromium() : startFirefox();
}

async function startChromium(): Promise<Browser> {
  const browser = await chromium.launch(CHROMIUM);
  // One for all pages, with one cache.
  const context = await browser.newContext();
  return {
    async open(url) {
      const page = await context.newPage();
      await page.goto(url, { waitUntil: "commit" });
      return () => page.close();
    },
    stop: () => browser.close(),
  };
}

async function startFirefox(): Promise<Browser> {
  const browser = await puppeteer.launch(FIREFOX);
  return {
    async open(url) {
      const page = await browser.newPage();
      await page.goto(url, { waitUntil: "domcontentloaded" });
      return () => page.close();
    },
    stop: () => browser.close(),
  };
}
