/** What stands for `import.meta.url` in CommonJS; nothing where a bundler has taken the file in. */
export const scriptUrl = typeof __filename === "string"
  ? globalThis.process?.getBuiltinModule?.("node:url")?.pathToFileURL(__filename).href
  : undefined;
