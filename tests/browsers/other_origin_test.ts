import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DOUBLES } from "./ask.ts";

/** A file of another origin, as a CDN's: the server has two names. */
function foreign(path: string): string {
  const url = new URL(path, import.meta.url);
  url.hostname = "localhost";
  return url.href;
}

const { answerOf }: typeof import("./scope_program.ts") = await import(
  foreign("./scope_program.ts")
);

describe("A pool of a package from another origin", () => {
  for (const program of ["inline", "reference", "plain", "inlineHere"] as const) {
    it(`runs tasks by ${program}`, async () => {
      assert.deepEqual(await answerOf(program), DOUBLES);
    });
  }

  it("runs tasks of this page's own origin", async () => {
    const { fromModule, Pool }: typeof import("../../mod.ts") = await import(
      foreign("../../mod.ts")
    );
    const url = new URL("./tasks.ts", import.meta.url);
    const pool = new Pool({ workers: 1 });
    const { double } = fromModule<typeof import("./tasks.ts")>(url);
    assert.deepEqual(await pool.map(double, [1, 2, 3]), [2, 4, 6]);
    await pool.terminate();
  });
});
