import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { tarballOf } from "../fixtures/npm_package.ts";
import { runCommand } from "../fixtures/run_command.ts";
import { skip, withFolder } from "./project.ts";
import { nodeTool } from "./tools.ts";

/** Has a tool look at the package: rejects with what it finds. */
async function inspect(...[command = "", ...args]: readonly string[]): Promise<void> {
  await withFolder(async (folder) => {
    const tarball = join(folder, "package.tgz");
    writeFileSync(tarball, await tarballOf("npm"));
    await runCommand(folder, command, ...args, tarball);
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
