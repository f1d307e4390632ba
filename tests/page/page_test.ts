/**
 * Drives the page of `examples/browser`, on a desktop's screen and on a phone's.
 *
 * With `POLYPOOL_PICTURES=folder` it leaves a picture of each there; `docs/pictures` has the first.
 */

import assert from "node:assert/strict";
import type { Server } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { serve, urlOf } from "../../examples/browser/serve.ts";
import { absence, CHROMIUM } from "../../tools/browsers/browser.ts";
import { runtime } from "../fixtures/runtime.ts";
import { savePicture } from "./picture.ts";

const PICTURES = process.env["POLYPOOL_PICTURES"];
const TIMEOUT = 60_000;
const skip = whyNot();

function whyNot(): string | false {
  // What is tested runs in the browser, so one runtime is enough to drive it.
  if (runtime !== "node") return "is driven by Node";
  return absence("chromium") ?? false;
}

const SCREENS: readonly {
  readonly name: string;
  readonly picture: string;
  /** Whether the page may share memory: it has to work without, too. */
  readonly isolated: boolean;
  readonly options: BrowserContextOptions;
}[] = [
  {
    name: "desktop",
    picture: "browser.png",
    isolated: true,
    options: { viewport: { width: 1200, height: 750 } },
  },
  {
    name: "phone",
    picture: "browser_phone.png",
    isolated: false,
    options: {
      ...{ isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
      viewport: { width: 390, height: 844 },
    },
  },
];

type Way = "page" | "pool";

/** All pixels of the picture. */
function pixels(page: Page): Promise<string> {
  return page.evaluate("document.getElementById('picture').toDataURL()");
}

async function reach(page: Page, way: Way, state: string): Promise<void> {
  await page.waitForSelector(`body[data-name=${way}][data-state=${state}]`, { timeout: TIMEOUT });
}

async function draw(page: Page, way: Way): Promise<string> {
  await page.click(`#${way} .draw`);
  await reach(page, way, "done");
  return pixels(page);
}

/** The share of the tiles that is drawn. */
function progress(page: Page): Promise<number> {
  return page.evaluate("document.getElementById('progress').value");
}

async function milliseconds(page: Page, selector: string): Promise<number> {
  const text = await page.innerText(selector);
  assert.match(text, /^[\d,]+ ms$/);
  return Number(text.replace(/\D/g, ""));
}

/** Clicks or taps on a point that belongs to the set, as does all around it. */
async function zoom(page: Page, touch: boolean): Promise<string> {
  const picture = page.locator("#picture");
  const { width, height } = await picture.boundingBox() ?? assert.fail("there is no picture");
  const position = { x: width * 0.636, y: height / 2 };
  await (touch ? picture.tap({ position }) : picture.click({ position }));
  await reach(page, "pool", "done");
  return pixels(page);
}

/** In the page, as it may be a matter of milliseconds. */
const CANCEL_AT_FIRST_TILE = `new Promise((resolve) => {
  document.querySelector("#pool .draw").click();
  const look = () => {
    if (document.getElementById("progress").value === 0) return void setTimeout(look);
    document.getElementById("cancel").click();
    resolve();
  };
  setTimeout(look);
})`;

const CLICK_AT_ONCE =
  `for (const id of ["closer", "closer", "reset"]) document.getElementById(id).click()`;

const COLOURS = `(() => {
  const { width, height } = document.getElementById("picture");
  const { data } = document.getElementById("picture").getContext("2d")
    .getImageData(0, 0, width, height);
  return new Set(new Uint32Array(data.buffer)).size;
})()`;

for (const { name, picture, isolated, options } of SCREENS) {
  describe(`The page of examples/browser on a ${name}`, () => {
    let server: Server;
    let browser: Browser;
    let page: Page;
    const problems: string[] = [];

    before(async () => {
      if (skip) return;
      server = await serve(0, isolated);
      browser = await chromium.launch(CHROMIUM);
      page = await browser.newPage(options);
      page.on("pageerror", ({ message }) => problems.push(message));
      page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
      page.on("requestfailed", (request) => problems.push(request.url()));
      await page.goto(urlOf(server));
      await reach(page, "pool", "done");
    });

    after(async () => {
      await browser?.close();
      server?.close();
    });

    it("fits the screen, and shares memory only where it may", { skip }, async () => {
      assert.equal(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0);
      assert.equal(await page.evaluate("crossOriginIsolated"), isolated);
    });

    it("draws the same with the pool and without, but holds up frames without", {
      skip,
    }, async () => {
      const first = await pixels(page);
      assert.equal(await draw(page, "page"), first);
      const worst = await milliseconds(page, "#page .worst");
      // One frame is as long as all of the drawing.
      assert.ok(worst >= await milliseconds(page, "#page .total") - 1);
      let pooled = Infinity;
      // Once is enough, unless the machine has much else to do.
      for (let tries = 0; tries < 3 && pooled > worst / 2; tries++) {
        assert.equal(await draw(page, "pool"), first);
        pooled = await milliseconds(page, "#pool .worst");
      }
      assert.ok(pooled < worst, `${pooled} ms instead of ${worst} ms`);
      const verdict = await page.innerText("#verdict");
      assert.match(verdict, /^With the pool \d+\.\d times as fast/);
      console.log(`${name}: ${verdict}`);
      if (PICTURES) await savePicture(page, join(PICTURES, picture));
    });

    it("stops when it is cancelled, and draws on with as many workers as it is told", {
      skip,
    }, async () => {
      const whole = await pixels(page);
      await page.fill("#workers", "3");
      await reach(page, "pool", "done");
      assert.equal(await page.innerText("#count"), "3");
      await page.evaluate(CANCEL_AT_FIRST_TILE);
      await reach(page, "pool", "cancelled");
      const part = await pixels(page);
      assert.notEqual(part, whole);
      assert.ok(await progress(page) < 1);
      // What was cancelled draws no more.
      await new Promise((wake) => setTimeout(wake, 200));
      assert.equal(await pixels(page), part);
      assert.equal(await draw(page, "pool"), whole);
      assert.equal(await progress(page), 1);
    });

    it("zooms where it is touched, and finds back", { skip }, async () => {
      const whole = await pixels(page);
      const closer = await zoom(page, options.hasTouch === true);
      assert.notEqual(closer, whole);
      assert.equal(await page.innerText("#depth"), "3×");
      assert.equal(await page.innerText("#page .total"), "–");
      assert.equal(await draw(page, "page"), closer);
      await zoom(page, options.hasTouch === true);
      assert.equal(await page.innerText("#depth"), "9×");
      assert.equal(await page.evaluate(COLOURS), 1);
      await page.click("#reset");
      await reach(page, "pool", "done");
      assert.equal(await pixels(page), whole);
    });

    it("goes on with the latest of several views that come at once", { skip }, async () => {
      const whole = await pixels(page);
      await page.evaluate(CLICK_AT_ONCE);
      await reach(page, "pool", "done");
      assert.equal(await pixels(page), whole);
    });

    it("causes no error, and logs nothing", { skip }, () => {
      assert.deepEqual(problems, []);
    });
  });
}
