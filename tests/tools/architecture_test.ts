import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { filesAndArrows, withGenerated } from "../../tools/architecture.ts";
import { readSources } from "../../tools/check_imports.ts";

const PATHS = readSources(new URL("../../", import.meta.url)).map(({ path }) => path);

describe("filesAndArrows()", () => {
  it("lists each file once", () => {
    const listed = [...filesAndArrows(PATHS).matchAll(/^\| `([\w/]+\.ts)`/gm)];
    assert.deepEqual(listed.map(([, path]) => path).sort(), [...PATHS].sort());
  });

  it("writes rows of the same width within a table", () => {
    const tables = filesAndArrows(PATHS).split("\n\n").filter((part) => part.startsWith("|"));
    for (const table of tables) {
      assert.equal(new Set(table.split("\n").map(({ length }) => length)).size, 1);
    }
  });

  it("draws the rings from the inside out, and what is kept apart", () => {
    const text = filesAndArrows(PATHS);
    assert.match(text, /errors {2}<- {2}core {2}<- {2}core\/wire {2}<- /);
    assert.match(
      text,
      /never each other: {2}pool\.ts, worker\.ts\n {19}default_worker\.ts, worker\.ts\n {19}core\/pool\/, core\/worker\/\n/,
    );
  });

  it("refuses a file without a description, and a description without a file", () => {
    assert.throws(
      () => filesAndArrows([...PATHS, "core/clock.ts"]),
      /describe .*: core\/clock\.ts$/,
    );
    const others = PATHS.filter((path) => path !== "mod.ts");
    assert.throws(() => filesAndArrows(others), /find .*: mod\.ts$/);
  });
});

describe("withGenerated()", () => {
  const BEGIN = "<!-- files: written by `deno task architecture` -->";
  const END = "<!-- end of files -->";

  it("writes anew what stands between the marks, and nothing else", () => {
    const document = withGenerated(`before ${BEGIN}old${END} after`, "new");
    assert.equal(document, `before ${BEGIN}\n\nnew\n\n${END} after`);
    assert.equal(withGenerated(document, "new"), document);
  });

  it("refuses a document without the marks", () => {
    assert.throws(() => withGenerated("nothing", "new"), /no place/);
  });
});
