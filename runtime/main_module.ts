import { isNode, type NodeFileSystem, nodeProcess, startTime } from "./platform.ts";

/**
 * Which functions the program's main module has by the text that they have
 * here: in a worker they must have the same one.
 *
 * @param module URL of a pool's module.
 * @returns Whether a function's text is as its file has it; nothing for other modules: tools that
 * run tests rewrite them on one side.
 */
export function ownTexts(module: string): ((text: string) => boolean) | undefined {
  if (module !== mainModule()) return undefined;
  // Nothing stands between those and the file.
  if (!isNode()) return () => true;
  let source: string | undefined;
  return (text) => {
    // What has changed since cannot be what runs here, whoever has rewritten that.
    if (hasChanged(module)) return true;
    source ??= fileSystem()?.readFileSync(new URL(module), "utf8") ?? "";
    return isSliceOf(source, text);
  };
}

/** What runtimes other than Node say of it themselves. */
interface Runtimes {
  readonly Deno?: { readonly mainModule: string };
  readonly Bun?: { readonly main: string; pathToFileURL(path: string): URL };
}

/** URL of the program's own main module, where a file is one. */
function mainModule(): string | undefined {
  const { Deno, Bun } = globalThis as unknown as Runtimes;
  if (Deno !== undefined) return Deno.mainModule;
  if (Bun !== undefined) return Bun.pathToFileURL(Bun.main).href;
  const node = nodeProcess();
  const path = node?.argv[1];
  if (path === undefined) return undefined;
  try {
    // Its extension may have been left out, and Node takes links for what they link to.
    const file = node?.getBuiltinModule?.("node:module")?.createRequire(path).resolve(path);
    return file && node?.getBuiltinModule?.("node:url")?.pathToFileURL(file).href;
  } catch {
    // A program given as text, whose first argument it is.
    return undefined;
  }
}

function fileSystem(): NodeFileSystem | undefined {
  return nodeProcess()?.getBuiltinModule?.("node:fs");
}

function hasChanged(module: string): boolean {
  try {
    const changed = fileSystem()?.statSync(new URL(module)).mtimeMs;
    return changed !== undefined && changed > startTime();
  } catch {
    // It is gone.
    return true;
  }
}

/** Whether a text stands in a source, of which types may have been blanked out, and nothing moved. */
function isSliceOf(source: string, text: string): boolean {
  const [lead = ""] = text.split(/\s/, 1);
  let at = source.indexOf(lead);
  while (at !== -1 && !standsAt(at, source, text)) at = source.indexOf(lead, at + 1);
  return at !== -1;
}

function standsAt(at: number, source: string, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text[index] !== source[at + index] && text[index] !== " ") return false;
  }
  return true;
}
