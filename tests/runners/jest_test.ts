import { describe, it } from "node:test";
import { skip, skipMost, toolPath } from "./project.ts";
import { assertSuitePasses } from "./suite_run.ts";

const JEST = [
  "--experimental-vm-modules",
  toolPath("jest/bin/jest.js"),
  "--runInBand",
  "--cacheDirectory=.cache",
  "--json",
];

describe("Jest with modules", () => {
  it("runs pools", { skip }, () => assertSuitePasses(...JEST));

  it(
    "runs pools beside jsdom",
    { skip: skipMost },
    () => assertSuitePasses(...JEST, "--env=jsdom"),
  );

  it(
    "runs pools while it counts what is covered",
    { skip: skipMost },
    () => assertSuitePasses(...JEST, "--coverage"),
  );
});
