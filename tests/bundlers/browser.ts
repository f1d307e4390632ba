/**
 * Pages in headless Chromium.
 *
 * @module
 */

import { type Browser, chromium } from "playwright-core";
import { absence, CHROMIUM } from "../../tools/browsers/browser.ts";
import type { Report } from "./app/report.ts";

/** Past so many milliseconds a page has failed. */
const PATIENCE = 30_000;

/** Why no page is opened, if none is. */
export const skipPages: string | false = absence("chromium") ?? false;

/** Opens a browser while a test runs. */
export async function withBrowser<T>(test: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch(CHROMIUM);
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
