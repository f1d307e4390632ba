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

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("docs/", ROOT)).filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** What stands before a path of the checkout in absolute links. */
const REPOSITORY =
  /^https:\/\/(?:github\.com\/polypool\/pool\/(?:blob|tree)|raw\.githubusercontent\.com\/polypool\/pool)\/main\//;

/** A document without its code. */
function proseOf(file: string): string {
  return read(file).replaceAll(/^```[^]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

/** Where the links and pictures of a document lead. */
function linksOf(file: string): string[] {
  return [...proseOf(file).matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)]
    .map(([, inline, reference]) => inline ?? reference ?? "");
}

/** Whether a link that stands in a document leads to what is there; those to other sites do. */
function leads(from: string, link: string): boolean {
  const target = link.replace(REPOSITORY, ROOT.href);
  const url = new URL(target, new URL(from, ROOT));
  if (url.protocol !== "file:") return true;
  const path = url.href.slice(ROOT.href.length).replace(/#.*/, "");
  if (!existsSync(new URL(path, ROOT))) return false;
  return url.hash === "" || anchorsOf(path).has(url.hash.slice(1));
}

/** The names that headings of a document have in links. */
function anchorsOf(file: string): Set<string> {
  const headings = matches(read(file), /^#+ (.*)$/gm);
  const names = [...headings].map((heading) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
  return new Set(names);
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

  for (const file of ["README.md", "docs/coming_from.md"]) {
    it(`${file} names every method of Pool`, () => {
      const named = matches(read(file), /\bpool\.(\w+)\b/g);
      assert.deepEqual(methodsOf(Pool).filter((name) => !named.has(name)), []);
    });
  }

  it("docs/coming_from.md names every method of AsyncResult", () => {
    const named = matches(read("docs/coming_from.md"), /\bresult\.(\w+)\(/g);
    const asPromise = Object.getOwnPropertyNames(Promise.prototype);
    const own = methodsOf(AsyncResult).filter((name) => !asPromise.includes(name));
    const missing = own.filter((name) => !named.has(name));
    assert.deepEqual(missing, []);
  });

  it("documents name no method of Pool or AsyncResult that does not exist", () => {
    for (const file of DOCUMENTS) {
      // From there on, pools of others are meant as well.
      const [text = ""] = read(file).split("\n## piscina");
      for (const name of matches(text, /\bpool\.(\w+)\(/g)) {
        assert.ok(name in Pool.prototype || name.includes("_"), `${file}: pool.${name}()`);
      }
      for (const name of matches(text, /\bresult\.(\w+)\(/g)) {
        assert.ok(name in AsyncResult.prototype, `${file}: result.${name}()`);
      }
    }
  });

  it("links lead to files and headings that exist, and from README.md wherever it is shown", () => {
    const broken = DOCUMENTS.flatMap((file) =>
      linksOf(file).filter((link) => !leads(file, link)).map((link) => `${file}: ${link}`)
    );
    assert.deepEqual(broken, []);
    assert.deepEqual(linksOf("README.md").filter((link) => !link.startsWith("https://")), []);
  });

  it("README.md defines the links that it names", () => {
    const text = proseOf("README.md");
    const labels = matches(text, /(?<!\])\[([^\]]+)\](?![(:[])/g);
    const defined = matches(text, /^\[([^\]]+)\]: /gm);
    assert.ok(labels.size > 0);
    assert.deepEqual([...labels].filter((label) => !defined.has(label)), []);
  });

  it("README.md links to every document", () => {
    const linked = linksOf("README.md").map((link) => link.replace(REPOSITORY, ""));
    const missing = DOCUMENTS.filter((file) => file !== "README.md" && !linked.includes(file));
    assert.deepEqual(missing, []);
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
    const missing = DOCUMENTS
      .flatMap((file) => [...matches(read(file), /`((?:[\w.]+\/)+[\w.]+\.\w+)`/g)])
      .filter((path) => !existsSync(new URL(path, ROOT)));
    assert.deepEqual(missing, []);
  });
});
