import process from "node:process";
import { describe, it } from "node:test";
import { assertProgramRuns } from "./program_run.ts";
import { skipUnpacked as skip } from "../fixtures/npm_package.ts";
import { toolPath } from "./project.ts";

const C8 = toolPath("c8/bin/c8.js");
const TSX = toolPath("tsx/dist/cli.mjs");

describe("A program with pools", () => {
  it(
    "runs in tsx as a module",
    { skip },
    () => assertProgramRuns({ type: "module" }, TSX, "main.ts"),
  );

  it("runs in tsx as CommonJS", { skip }, () => assertProgramRuns({}, TSX, "main.ts"));

  it(
    "runs in ts-node",
    { skip },
    () => assertProgramRuns({ type: "module" }, "--loader=ts-node/esm/transpile-only", "main.ts"),
  );

  it(
    "runs while c8 counts what is covered",
    { skip },
    () => assertProgramRuns({ type: "module" }, C8, process.execPath, "main.ts"),
  );

  it(
    "runs while Node counts what is covered",
    { skip },
    () =>
      assertProgramRuns({ type: "module" }, "--test", "--experimental-test-coverage", "main.ts"),
  );
});
