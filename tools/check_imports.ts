/**
 * Checks the shape of the package: imports point one way, types included, the two sides of the wire
 * stay apart, and only `runtime/` names a platform.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import process from "node:process";
import ts from "typescript";

/** A file of the package. */
export interface SourceFile {
  /** Path from the root of the package. */
  readonly path: string;
  /** What is in it. */
  readonly text: string;
}

interface Place {
  readonly path: string;
  readonly line: number;
}

interface Import extends Place {
  /** A path from the root, or a specifier that is not relative. */
  readonly to: string;
  readonly lazy: boolean;
}

interface Mention extends Place {
  readonly name: string;
}

const PLATFORM = /^(Bun|Deno|Worker|navigator|parentPort|process|self|node:.+)$/;
const IMPURE = /^(clearInterval|clearTimeout|console|performance|setInterval|setTimeout)$/;

/** From the inside out: a file imports from its own ring and from those before it. */
export const RINGS: readonly { name: string; files: RegExp; banned: readonly RegExp[] }[] = [
  { name: "errors", files: /^errors\.ts$/, banned: [PLATFORM, IMPURE] },
  { name: "core", files: /^core\/[^/]+$/, banned: [PLATFORM, IMPURE] },
  { name: "core/wire", files: /^core\/wire\//, banned: [PLATFORM, IMPURE] },
  { name: "core/pool, core/worker", files: /^core\/(pool|worker)\//, banned: [PLATFORM, IMPURE] },
  { name: "runtime", files: /^runtime\//, banned: [] },
  // Bundlers follow `new Worker(new URL(…))`, relative to the file that it stands in.
  { name: "default worker", files: /^default_worker\.ts$/, banned: [] },
  { name: "other top-level files", files: /^(?!mod\.ts$)[^/]+$/, banned: [PLATFORM] },
  { name: "mod", files: /^mod\.ts$/, banned: [PLATFORM] },
];

/** The two sides of the wire, which meet in core/wire/ alone: files, and folders with all in them. */
export const APART: readonly (readonly [string, string])[] = [
  ["pool.ts", "worker.ts"],
  ["default_worker.ts", "worker.ts"],
  ["core/pool/", "core/worker/"],
];

/** Dynamic imports that may break the rules. */
export const EXCEPTIONS: readonly { from: string; to: string; reason: string }[] = [
  {
    from: "default_worker.ts",
    to: "worker.ts",
    reason: "never called: only so is the worker's file published, as JavaScript",
  },
];

/** Lists what is wrong with the files of a package, each as `path:line: message`. */
export function findBreaches(files: readonly SourceFile[], entries: readonly string[]): string[] {
  const { imports, mentions } = parseAll(files);
  const paths = new Set(files.map(({ path }) => path));
  const strict = imports.filter((edge) => !isException(edge));
  return [
    ...strict.flatMap((edge) => arrowBreaches(edge, paths)),
    ...mentions.filter(isBanned).map((mention) => describe(mention, `names ${mention.name}`)),
    ...cycles(strict),
    ...unreachable(paths, imports, entries).map((path) => `${path}:1: no entry point imports it`),
  ];
}

function parseAll(files: readonly SourceFile[]): { imports: Import[]; mentions: Mention[] } {
  const imports: Import[] = [];
  const mentions: Mention[] = [];
  for (const { path, text } of files) {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const specifier = specifierOf(node);
      const name = nameOf(node);
      if (specifier) {
        imports.push({ path, line, to: resolve(path, specifier), lazy: ts.isCallExpression(node) });
      }
      if (name) mentions.push({ path, line, name });
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { imports, mentions };
}

function specifierOf(node: ts.Node): string | undefined {
  const literal = specifierNode(node);
  return literal && ts.isStringLiteralLike(literal) ? literal.text : undefined;
}

function specifierNode(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return node.argument.literal;
  }
  const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isCall ? node.arguments[0] : undefined;
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text.startsWith("node:") ? node.text : undefined;
  return ts.isIdentifier(node) && !isPropertyName(node) ? node.text : undefined;
}

/** Tells `task.process` and `{ process: 1 }` from the global, which `globalThis.process` is. */
function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.name === node && parent.expression.getText() !== "globalThis";
  }
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  const hasName = ts.isClassElement(parent) || ts.isTypeElement(parent) ||
    ts.isObjectLiteralElement(parent);
  return hasName && parent.name === node;
}

function resolve(path: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
}

function isException({ path, to, lazy }: Import): boolean {
  return lazy && EXCEPTIONS.some((exception) => exception.from === path && exception.to === to);
}

function ringOf(path: string): number {
  return RINGS.findIndex(({ files }) => files.test(path));
}

function isBanned({ path, name }: Mention): boolean {
  return RINGS[ringOf(path)]?.banned.some((pattern) => pattern.test(name)) ?? false;
}

function describe({ path, line }: Place, message: string): string {
  return `${path}:${line}: ${message}`;
}

function arrowBreaches(edge: Import, paths: ReadonlySet<string>): string[] {
  const { path, to } = edge;
  // What may be named of `node:` is the mentions' matter.
  if (to.startsWith("node:")) return [];
  if (!paths.has(to)) return [describe(edge, `imports ${to}, which is no file of the package`)];
  if (isAcross(path, to)) return [describe(edge, `imports ${to}, which is on the other side`)];
  return ringOf(to) > ringOf(path) ? [describe(edge, `imports ${to}, which is further out`)] : [];
}

function isAcross(path: string, to: string): boolean {
  return APART.some(([a, b]) => (isIn(a, path) && isIn(b, to)) || (isIn(b, path) && isIn(a, to)));
}

function isIn(place: string, path: string): boolean {
  return place.endsWith("/") ? path.startsWith(place) : path === place;
}

function cycles(imports: readonly Import[]): string[] {
  const breaches: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (done.has(path)) return;
    done.add(path);
    for (const edge of imports.filter((candidate) => candidate.path === path)) {
      const start = trail.indexOf(edge.to);
      if (start < 0) visit(edge.to, [...trail, edge.to]);
      else {breaches.push(
          describe(edge, `closes a cycle: ${[...trail.slice(start), edge.to].join(" -> ")}`),
        );}
    }
  };
  for (const { path } of imports) visit(path, [path]);
  return breaches;
}

function unreachable(
  paths: ReadonlySet<string>,
  imports: readonly Import[],
  entries: readonly string[],
): string[] {
  const reached = new Set(entries);
  // A Set that grows while it is iterated goes on to what was added.
  for (const path of reached) {
    for (const edge of imports) if (edge.path === path) reached.add(edge.to);
  }
  return [...paths].filter((path) => !reached.has(path));
}

/** The source files of the package at a root. */
export function readSources(root: URL): SourceFile[] {
  const inFolder = (folder: string) =>
    readdirSync(new URL(folder, root), { recursive: folder !== ".", encoding: "utf8" })
      .filter((name) => name.endsWith(".ts")).map((name) => posix.join(folder, name));
  const paths = [".", "core", "runtime"].flatMap(inFolder);
  return paths.map((path) => ({ path, text: readFileSync(new URL(path, root), "utf8") }));
}

function main(): void {
  const root = new URL("../", import.meta.url);
  const { exports } = JSON.parse(readFileSync(new URL("deno.json", root), "utf8"));
  const entries = Object.values<string>(exports).map((entry) => posix.normalize(entry));
  const sources = readSources(root);
  const breaches = findBreaches(sources, entries);
  for (const breach of breaches) console.error(breach);
  console.log(`Checked the imports of ${sources.length} files: ${breaches.length} breaches`);
  if (breaches.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
