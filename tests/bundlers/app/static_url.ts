declare const process: { cwd(): string };

/** Where a page, or the folder that a program runs in, has a file that was not bundled. */
export function staticUrl(): URL {
  const base = "document" in globalThis ? document.baseURI : `file://${process.cwd()}/`;
  return new URL("static_tasks.js", base);
}
