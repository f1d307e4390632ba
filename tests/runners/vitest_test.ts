import { describe, it } from "node:test";
import { skipUnpacked as skip } from "../fixtures/npm_package.ts";
import { absence } from "../../tools/browsers/browser.ts";
import { toolPath } from "./project.ts";
import { assertSuitePasses } from "./suite_run.ts";

const VITEST = [
  toolPath("vitest/vitest.mjs"),
  "run",
  "--globals",
  "--reporter=default",
  "--reporter=json",
];

describe("Vitest", () => {
  it(
    "runs pools in its processes",
    { skip },
    () => assertSuitePasses("suite", ...VITEST, "--pool=forks"),
  );

  it(
    "runs pools in its threads",
    { skip },
    () => assertSuitePasses("suite", ...VITEST, "--pool=threads"),
  );

  it(
    "runs pools in a context of their own",
    { skip },
    () => assertSuitePasses("suite", ...VITEST, "--pool=vmThreads"),
  );

  it(
    "runs pools beside jsdom",
    { skip },
    () => assertSuitePasses("suite", ...VITEST, "--environment=jsdom"),
  );

  it(
    "runs pools while V8 counts what is covered",
    { skip },
    () => assertSuitePasses("suite", ...VITEST, "--coverage.enabled", "--coverage.provider=v8"),
  );

  it(
    "runs pools while Istanbul counts what is covered",
    { skip },
    () =>
      assertSuitePasses("suite", ...VITEST, "--coverage.enabled", "--coverage.provider=istanbul"),
  );

  it(
    "runs pools in a page, in its browser mode",
    { skip: skip || (absence("chromium") ?? false) },
    () => assertSuitePasses("browser", ...VITEST),
  );
});
