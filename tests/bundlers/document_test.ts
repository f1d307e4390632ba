import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { SIZES } from "./sizes.ts";
import { cellsOf, PAGES, PROGRAMS } from "./table.ts";

const DOCUMENT = readFileSync(new URL("../../docs/bundlers.md", import.meta.url), "utf8");

/** The cells of the table after a mark, without its header. */
function tableAfter(mark: string): string[][] {
  const [, text = ""] = DOCUMENT.split(`<!-- ${mark} -->\n\n`);
  const [table = ""] = text.split("\n\n");
  const lines = table.split("\n").slice(2);
  return lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

describe("docs/bundlers.md", () => {
  it("has the table of pages that the tests go by", () => {
    assert.deepEqual(tableAfter("pages"), cellsOf(PAGES));
  });

  it("has the table of programs that the tests go by", () => {
    assert.deepEqual(tableAfter("programs"), cellsOf(PROGRAMS));
  });

  it("has the sizes that are measured", () => {
    const sizes = Object.entries(SIZES).map(([name, { bytes }]) => [name, `${bytes / 1_000} kB`]);
    assert.deepEqual(tableAfter("sizes"), sizes);
  });
});
