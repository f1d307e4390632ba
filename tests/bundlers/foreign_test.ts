import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { reportOfPage, skipPages, withBrowser } from "./browser.ts";
import { skip, withFolder } from "./project.ts";
import { withServedFolder } from "./site.ts";

/** A page that imports the package from elsewhere, as from a CDN. */
function page(packageUrl: string): string {
  return `<!doctype html><script type="module">
    import { Pool } from "${packageUrl}index.js";
    const pool = new Pool({ workers: 2 });
    const doubles = await pool.map((n) => n * 2, [1, 2, 3]).catch(String);
    await pool.terminate();
    globalThis.polypoolReport = JSON.stringify({ doubles });
  </script>`;
}

describe("The package from another origin", () => {
  it("runs pools in a page", { skip: skip || skipPages }, async () => {
    const report = await withFolder((folder) =>
      withServedFolder(join(folder, "node_modules/@polypool/pool"), (packageUrl) => {
        const site = join(folder, "site");
        mkdirSync(site);
        writeFileSync(join(site, "index.html"), page(packageUrl));
        return withServedFolder(
          site,
          (url) => withBrowser((browser) => reportOfPage(browser, url)),
        );
      })
    );
    assert.deepEqual(report, { doubles: [2, 4, 6] });
  });
});
