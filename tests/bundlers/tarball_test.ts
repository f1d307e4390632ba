import { join } from "node:path";
import { describe, it } from "node:test";
import { runCommand } from "../fixtures/run_command.ts";
import { skip, withFolder } from "./project.ts";
import { nodeTool } from "./tools.ts";

/** Packs the package again, and has a tool look at it: rejects with what that finds. */
async function inspect(...[command = "", ...args]: readonly string[]): Promise<void> {
  await withFolder(async (folder) => {
    const name = await runCommand(folder, "npm", "pack", "./node_modules/@polypool/pool");
    await runCommand(folder, command, ...args, join(folder, name.trim().split("\n").at(-1) ?? ""));
  });
}

describe("The package's tarball", () => {
  it(
    "is what publint asks for",
    { skip },
    () => inspect(...nodeTool("publint/src/cli.js"), "run", "--strict"),
  );

  it(
    "has types that say of every entry what importing and requiring it gives",
    { skip },
    () => inspect(...nodeTool("@arethetypeswrong/cli/dist/index.js")),
  );
});
