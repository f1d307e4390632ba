import { describe, it } from "node:test";
import { withInstalled } from "./fixtures/installed_project.ts";
import { skipUnpacked as skip } from "./fixtures/npm_package.ts";
import { runCommand } from "./fixtures/run_command.ts";
import process from "node:process";
import { runtime } from "./fixtures/runtime.ts";

/** How each runtime runs tests. */
const RUNNERS = {
  browser: [],
  bun: ["test", "./pool.test.js"],
  deno: ["test", "-A", "--no-check", "pool.test.js"],
  node: ["--test", "pool.test.js"],
};

describe("A user's tests that use pools", () => {
  it("pass in the runtime's own runner, and end", { skip }, () =>
    withInstalled(async (folder) => {
      await runCommand(folder, process.execPath, ...RUNNERS[runtime]);
    }));
});
