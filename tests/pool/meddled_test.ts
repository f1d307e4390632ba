import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerOf } from "../fixtures/run_program.ts";

describe("a program that meddles with what all code shares", () => {
  it("gets the same results whatever it does to stacks", async () => {
    assert.deepEqual(await answerOf("meddled.ts", { args: ["stacks"] }), []);
  });

  it("gets the same results whatever it gives to all objects", async () => {
    assert.deepEqual(await answerOf("meddled.ts", { args: ["objects"] }), []);
  });
});
