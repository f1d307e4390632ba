import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { runCommand } from "../fixtures/run_command.ts";
import { skip, withFolder } from "./project.ts";
import { type Size, SIZES } from "./sizes.ts";
import { nodeTool } from "./tools.ts";

/** By how much a size may be another than the docs say, as a share of it. */
const TOLERANCE = 0.05;

const ESBUILD = [
  ...nodeTool("esbuild/bin/esbuild"),
  ...["main.js", "--bundle", "--minify", "--format=esm", "--outdir=dist"],
];

/** Bytes of a bundled and packed module. */
function measure({ code }: Size): Promise<number> {
  return withFolder(async (folder) => {
    writeFileSync(join(folder, "main.js"), code);
    const [command = "", ...args] = ESBUILD;
    await runCommand(folder, command, ...args);
    return gzipSync(readFileSync(join(folder, "dist/main.js")), { level: 9 }).length;
  });
}

describe("The package", () => {
  for (const [name, size] of Object.entries(SIZES)) {
    it(`adds to ${name} as many bytes as the docs say`, { skip }, async () => {
      const bytes = await measure(size);
      assert.ok(Math.abs(bytes - size.bytes) <= TOLERANCE * size.bytes, `${bytes} bytes`);
    });
  }
});
