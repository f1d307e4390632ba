import { describe, it } from "node:test";
import { skip, skipMost, toolPath } from "./project.ts";
import { assertSuitePasses } from "./suite_run.ts";

const VITEST = [
  toolPath("vitest/vitest.mjs"),
  "run",
  "--globals",
  "--reporter=default",
  "--reporter=json",
];

describe("Vitest", () => {
  it("runs pools in its processes", { skip }, () => assertSuitePasses(...VITEST, "--pool=forks"));

  it(
    "runs pools in its threads",
    { skip: skipMost },
    () => assertSuitePasses(...VITEST, "--pool=threads"),
  );

  it(
    "runs pools in a context of their own",
    { skip: skipMost },
    () => assertSuitePasses(...VITEST, "--pool=vmThreads"),
  );

  it(
    "runs pools beside jsdom",
    { skip: skipMost },
    () => assertSuitePasses(...VITEST, "--environment=jsdom"),
  );

  it(
    "runs pools while V8 counts what is covered",
    { skip: skipMost },
    () => assertSuitePasses(...VITEST, "--coverage.enabled", "--coverage.provider=v8"),
  );

  it(
    "runs pools while Istanbul counts what is covered",
    { skip: skipMost },
    () => assertSuitePasses(...VITEST, "--coverage.enabled", "--coverage.provider=istanbul"),
  );
});
