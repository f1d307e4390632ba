import { describe, it } from "node:test";
import { skipUnpacked as skip } from "../fixtures/npm_package.ts";
import { toolPath } from "./project.ts";
import { assertSuitePasses } from "./suite_run.ts";

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
    () => assertSuitePasses("commonjs", ...JEST),
  );
});

describe("Jest with modules", () => {
  it("runs pools", { skip }, () => assertSuitePasses("suite", ...JEST_WITH_MODULES));

  it(
    "runs pools beside jsdom",
    { skip },
    () => assertSuitePasses("suite", ...JEST_WITH_MODULES, "--env=jsdom"),
  );

  it(
    "runs pools while it counts what is covered",
    { skip },
    () => assertSuitePasses("suite", ...JEST_WITH_MODULES, "--coverage"),
  );
});
