import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reportOfPage, skipPages, withBrowser } from "./browser.ts";
import { outcomesOf } from "./outcome.ts";
import { PAGE_BUILDS } from "./page_builds.ts";
import { skip, withApp } from "./project.ts";
import { PAGES } from "./table.ts";

describe("Pools in pages", () => {
  for (const [name, build] of Object.entries(PAGE_BUILDS)) {
    it(
      `do what the table says of ${name}`,
      { skip: skip || skipPages || build.skip },
      () =>
        withBrowser(async (browser) => {
          const seen = await outcomesOf((flavour) =>
            withApp({ ...build, flavour }, (folder) =>
              build.withPage(folder, (url) => reportOfPage(browser, url)))
          );
          assert.deepEqual(seen, PAGES[name]);
        }),
    );
  }

  it("are tried with each bundler of the table", () => {
    assert.deepEqual(Object.keys(PAGE_BUILDS), Object.keys(PAGES));
  });
});
