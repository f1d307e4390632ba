import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import { runCommand } from "../fixtures/run_command.ts";
import { outcomesOf } from "./outcome.ts";
import { PROGRAM_BUILDS } from "./program_builds.ts";
import { skip, withApp } from "./project.ts";
import { PROGRAMS } from "./table.ts";

describe("Pools in programs", () => {
  for (const [name, build] of Object.entries(PROGRAM_BUILDS)) {
    it(
      `do what the table says of ${name}`,
      { skip: skip || build.skip },
      async () => {
        const seen = await outcomesOf((flavour) =>
          withApp({ ...build, flavour }, async (folder) => {
            const [command = "", ...args] = await build.build(folder);
            return JSON.parse(await runCommand(tmpdir(), command, ...args));
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
