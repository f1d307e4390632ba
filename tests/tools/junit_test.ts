import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countTests } from "../../tools/junit.ts";

describe("countTests()", () => {
  it("counts tests by how they ended", () => {
    const report = `<testcase name="a" time="0"/>
      <testcase name="b" time="0"></testcase>
      <testcase name="c" time="0"><failure message="no"/></testcase>
      <testcase name="d" time="0"><error/></testcase>
      <testcase name="e" time="0"><skipped type="todo"/></testcase>`;
    assert.deepEqual(countTests(report), { passed: 2, failed: 2, skipped: 1 });
  });

  it("does not count a suite that Deno reports as a test", () => {
    const report = `<testcase name="a" time="0"><failure>1 test step failed</failure></testcase>
      <testcase name="a &gt; b" time="0"><failure>1 test step failed</failure></testcase>
      <testcase name="a &gt; b &gt; c" time="0"><failure/></testcase>
      <testcase name="a &gt; d" time="0"/>`;
    assert.deepEqual(countTests(report), { passed: 1, failed: 1, skipped: 0 });
  });

  it("reads attributes in which Node leaves > and / as they are", () => {
    const report = `<testcase name="a /> b" time="0" failure="1 > 2"><failure>x</failure></testcase>
      <testcase name="c" time="0"/>`;
    assert.deepEqual(countTests(report), { passed: 1, failed: 1, skipped: 0 });
  });

  it("counts as failed a test that Deno never came to", () => {
    assert.equal(countTests(`<testcase name="a" line="1"><skipped/></testcase>`).failed, 1);
  });

  it("counts as failed a file in which Node found no test", () => {
    assert.equal(countTests(`<testcase name="tests/a_test.ts" time="0"/>`).failed, 1);
  });

  it("counts nothing in an empty report", () => {
    assert.deepEqual(countTests(""), { passed: 0, failed: 0, skipped: 0 });
  });
});
