import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCommand } from "../fixtures/run_command.ts";
import { outcomesOf } from "./outcome.ts";
import { PROGRAM_BUILDS } from "./program_builds.ts";
import { putStaticFile, skip, withApp } from "./project.ts";
import { PROGRAMS } from "./table.ts";

/** A folder that knows nothing of the one where the program was built. */
async function withElsewhere<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "polypool-"));
  try {
    putStaticFile(folder);
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("Pools in programs", () => {
  for (const [name, build] of Object.entries(PROGRAM_BUILDS)) {
    it(
      `do what the table says of ${name}`,
      { skip: skip || build.skip },
      async () => {
        const seen = await outcomesOf((flavour) =>
          withApp({ ...build, flavour }, async (folder) => {
            const [command = "", ...args] = await build.build(folder);
            return withElsewhere(async (elsewhere) =>
              JSON.parse(await runCommand(elsewhere, command, ...args))
            );
          })
        );
        assert.deepEqual(seen, PROGRAMS[name]);
      },
    );
  }

  it("are tried with each tool of the table", () => {
    assert.deepEqual(Object.keys(PROGRAM_BUILDS), Object.keys(PROGRAMS));
  });
});
