import { describe, it } from "node:test";
import { skip, skipMost, toolPath } from "./project.ts";
import { assertCommonJsPasses, assertSuitePasses } from "./suite_run.ts";

const JEST = [
  toolPath("jest/bin/jest.js"),
  "--runInBand",
  "--cacheDirectory=.cache",
  "--json",
];
const JEST_WITH_MODULES = ["--experimental-vm-modules", ...JEST];

describe("Jest", () => {
  it(
    "runs pools in CommonJS, as it does by default",
    { skip },
    () => assertCommonJsPasses(...JEST),
  );
});

describe("Jest with modules", () => {
  it("runs pools", { skip }, () => assertSuitePasses(...JEST_WITH_MODULES));

  it(
    "runs pools beside jsdom",
    { skip: skipMost },
    () => assertSuitePasses(...JEST_WITH_MODULES, "--env=jsdom"),
  );

  it(
    "runs pools while it counts what is covered",
    { skip: skipMost },
    () => assertSuitePasses(...JEST_WITH_MODULES, "--coverage"),
  );
});
