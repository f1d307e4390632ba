import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fromModule, TimeoutError } from "../../mod.ts";
import { withPool } from "../fixtures/with_pool.ts";

/** Another copy of the package, as a dependency of a dependency brings it along. */
const folder = mkdtempSync(join(tmpdir(), "polypool-copy-"));
const root = fileURLToPath(new URL("../../", import.meta.url));
const PARTS = ["core", "runtime", "tests/fixtures/tasks/copied.ts"];
const FILES = readdirSync(root).filter((name) => name.endsWith(".ts"));
for (const part of [...PARTS, ...FILES]) {
  cpSync(join(root, part), join(folder, part), { recursive: true });
}
after(() => rmSync(folder, { recursive: true }));

const urlIn = (path: string) => pathToFileURL(join(folder, path));
const copy: typeof import("../../mod.ts") = await import(urlIn("mod.ts").href);
const copied = fromModule<typeof import("../fixtures/tasks/copied.ts")>(
  urlIn("tests/fixtures/tasks/copied.ts"),
);

describe("a task module with another copy of the package", () => {
  for (const workers of [0, 1]) {
    it(`knows its task, ${workers} workers`, () =>
      withPool({ workers, name: "crew" }, async (pool) => {
        const reports: unknown[] = [];
        const onReport = (value: unknown) => reports.push(value);
        const seen = await pool.apply(copied.look, [], { onReport });
        assert.deepEqual(seen, { names: ["crew-1", "crew-1"], isPoolWorker: workers > 0 });
        assert.deepEqual(reports, ["from the copy"]);
      }));

    it(`throws errors that arrive as those of the pool's copy, ${workers} workers`, () =>
      withPool({ workers }, async (pool) => {
        const error = await pool.apply(copied.giveUp).catch((thrown: unknown) => thrown);
        assert.ok(error instanceof TimeoutError, String(error));
        assert.equal(error.message, "the copy's own");
      }));

    it(`hands over what it says that it moves, ${workers} workers`, () =>
      withPool({ workers }, async (pool) => {
        assert.equal((await pool.apply(copied.handOver)).byteLength, 1 << 20);
        assert.equal(await pool.apply(copied.lengthOfLast), 0);
      }));
  }
});

describe("a pool", () => {
  it("takes references of another copy of the package", () =>
    withPool({ workers: 1 }, async (pool) => {
      const url = new URL("../fixtures/tasks/tasks.ts", import.meta.url);
      const { square } = copy.fromModule<typeof import("../fixtures/tasks/tasks.ts")>(url);
      assert.notEqual(copy.Pool, pool.constructor);
      assert.equal(await pool.apply(square, [3]), 9);
      assert.equal(await pool.apply(copy.inline((n: number) => n + 1), [1]), 2);
    }));
});
