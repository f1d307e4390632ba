import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { AsyncResult, Pool } from "../mod.ts";
import { filesAndArrows, withGenerated } from "../tools/architecture.ts";
import { readSources } from "../tools/check_imports.ts";
import { matrix } from "./faults/matrix.ts";
import { rowsOf } from "./faults/table.ts";

const ROOT = new URL("../", import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

function matches(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(([, name = ""]) => name));
}

function methodsOf({ prototype }: { prototype: object }): string[] {
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
}

describe("documentation", () => {
  it("README.md begins with the program of examples/quick_start.ts", () => {
    const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
    const [example] = read("examples/quick_start.ts").split("\n// Output");
    assert.equal(program, example);
  });

  it("README.md names every method of Pool, and none that does not exist", () => {
    const named = matches(read("README.md"), /\bpool\.(\w+)\(/g);
    for (const name of named) if (!name.includes("_")) assert.ok(name in Pool.prototype, name);
    const missing = methodsOf(Pool).filter((name) => !named.has(name) && name !== "state");
    assert.deepEqual(missing, []);
  });

  it("README.md names no method of AsyncResult that does not exist", () => {
    const named = matches(read("README.md"), /\bresult\.(\w+)\(/g);
    assert.ok(named.size > 0);
    for (const name of named) assert.ok(name in AsyncResult.prototype, name);
  });

  it("README.md names every example", () => {
    const readme = read("README.md");
    const examples = readdirSync(new URL("examples/", ROOT)).filter((name) => name.endsWith(".ts"));
    const missing = examples.filter((name) => !readme.includes(name) && name !== "quick_start.ts");
    assert.deepEqual(missing, []);
  });

  it("docs/semantics.md lists the tests of CPython that cpython_test.ts asks, and no others", () => {
    const pattern = /["`](test_\w+)/g;
    const asked = matches(read("tests/conformance/cpython_test.ts"), pattern);
    const rows = read("docs/semantics.md").split("\n").filter((row) => /^\| `test_/.test(row));
    const listed = rows.filter((row) => !row.includes("**left out**"));
    assert.deepEqual(matches(listed.join("\n"), pattern), asked);
  });

  it("docs/architecture.md has the files and arrows that `deno task architecture` writes", () => {
    const document = read("docs/architecture.md");
    const generated = filesAndArrows(readSources(ROOT).map(({ path }) => path));
    assert.equal(withGenerated(document, generated), document);
  });

  it("docs/reliability.md lists the faults of the matrix with their outcomes, and no others", () => {
    const [, tables = ""] = read("docs/reliability.md").split("<!-- tables");
    const cells = tables.split("\n").filter((line) => /^\| (?!-|fault )/.test(line)).map((line) =>
      line.replaceAll(/\d+ ms/g, "… ms").split(/ *\| */).slice(1, -1)
    );
    assert.deepEqual(cells, matrix.flatMap((group) => rowsOf(group, () => "… ms")));
  });

  it("documents name no path that does not exist", () => {
    const names = readdirSync(new URL("docs/", ROOT)).filter((name) => name.endsWith(".md"));
    const documents = names.map((name) => `docs/${name}`);
    const missing = ["README.md", "CONTRIBUTING.md", ...documents]
      .flatMap((file) => [...matches(read(file), /`((?:[\w.]+\/)+[\w.]+\.\w+)`/g)])
      .filter((path) => !existsSync(new URL(path, ROOT)));
    assert.deepEqual(missing, []);
  });
});
