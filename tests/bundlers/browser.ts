/**
 * Pages in headless Chromium.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type { Report } from "./app/report.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
/** Past so many milliseconds a page has failed. */
const PATIENCE = 30_000;

/** Why no page is opened, if none is. */
export const skipPages: string | false = !existsSync(CHROMIUM) && `needs ${CHROMIUM}`;

/** What is used of a browser of `playwright-core`. */
export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Page {
  on(event: "pageerror", listener: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  waitForFunction(code: string, _: unknown, options: { timeout: number }): Promise<JsHandle>;
  close(): Promise<void>;
}

interface JsHandle {
  jsonValue(): Promise<unknown>;
}

/** Opens a browser while a test runs. */
export async function withBrowser<T>(test: (browser: Browser) => Promise<T>): Promise<T> {
  const { chromium } = createRequire(import.meta.url)("playwright-core");
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  try {
    return await test(browser);
  } finally {
    await browser.close();
  }
}

/** What the app of a page reports, or the error that it died of. */
export async function reportOfPage(browser: Browser, url: string): Promise<Report> {
  const page = await browser.newPage();
  try {
    const died = new Promise<Report>((resolve) => {
      page.on("pageerror", ({ message }) => resolve({ died: message }));
    });
    const open = page.goto(url).then(() =>
      page.waitForFunction("globalThis.polypoolReport", undefined, { timeout: PATIENCE })
    );
    const reported = open.then(async (text) => JSON.parse(String(await text.jsonValue())));
    return await Promise.race([reported, died]);
  } finally {
    await page.close();
  }
}
