import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addCallSite, CallSites, copyError, keepStack } from "../../../core/error_stack.ts";
import { fromModule, type Pool } from "../../../mod.ts";
import { withPool } from "../../fixtures/with_pool.ts";

const tasks = fromModule<typeof import("../../fixtures/tasks/tasks.ts")>(
  new URL("../../fixtures/tasks/tasks.ts", import.meta.url),
);

/** Calls of one turn whose note is their own. */
const EXACT = 64;

// In lists, as some engines drop the frame of a function that ends in a call

function noteHere(sites: CallSites): [Error] {
  return [sites.note()];
}

function noteThere(sites: CallSites): [Error] {
  return [sites.note()];
}

function noteMany(sites: CallSites, calls: number): Error[] {
  return Array.from({ length: calls }, () => sites.note());
}

function applyInLoop(pool: Pool, calls: number): Promise<number>[] {
  const promises: Promise<number>[] = [];
  for (let n = 0; n < calls; n++) promises.push(pool.apply(tasks.failOdd, [2 * n + 1]));
  return promises;
}

function applyElsewhere(pool: Pool): [Promise<number>] {
  return [pool.apply(tasks.failOdd, [1])];
}

describe("CallSites", () => {
  it("note() tells of the very call while there are few in a turn", () => {
    const sites = new CallSites();
    const notes = new Set<Error>();
    for (let call = 0; call < EXACT; call++) {
      const [[note], name] = call % 2 === 0
        ? [noteHere(sites), "noteHere"]
        : [noteThere(sites), "noteThere"];
      notes.add(note);
      assert.match(note.stack ?? "", new RegExp(`\\b${name}\\b`));
    }
    assert.equal(notes.size, EXACT);
  });

  it("note() gives calls in a row the same note when there are hundreds in a turn", () => {
    const notes = noteMany(new CallSites(), 1000);
    assert(new Set(notes).size <= EXACT + 1000 / EXACT + 1);
    // None is older than that, and each was made in its turn.
    for (const [at, note] of notes.entries()) {
      assert(at - notes.indexOf(note) < EXACT, `call ${at} has the note of an early one`);
    }
  });

  it("note() tells of the very call again in the next turn", async () => {
    const sites = new CallSites();
    const latest = noteMany(sites, 1000).at(-1);
    await Promise.resolve();
    const [note] = noteThere(sites);
    assert.notEqual(note, latest);
    assert.match(note.stack ?? "", /\bnoteThere\b/);
    assert.equal(new Set(noteMany(sites, EXACT - 1)).size, EXACT - 1);
  });

  it("note() keeps apart what two of them are asked", () => {
    const [one, other] = [new CallSites(), new CallSites()];
    noteMany(one, 1000);
    const [note] = noteHere(other);
    assert.match(note.stack ?? "", /\bnoteHere\b/);
  });

  it("apply() in a loop of 1000 has the function with the loop in every error's stack", () =>
    withPool({ workers: 1 }, async (pool) => {
      const outcomes = await Promise.allSettled(applyInLoop(pool, 1000));
      for (const [n, outcome] of outcomes.entries()) {
        assert(outcome.status === "rejected");
        const { message, stack } = outcome.reason;
        assert.equal(message, `odd: ${2 * n + 1}`);
        assert.match(stack, /\bfailOdd\b[^]*\bapplyInLoop\b/);
        assert.equal(stack.match(/\bapplyInLoop\b/g).length, 1);
      }
      const [outcome] = await Promise.allSettled(applyElsewhere(pool));
      assert(outcome.status === "rejected");
      assert.match(outcome.reason.stack, /\bapplyElsewhere\b/);
    }));
});

describe("addCallSite()", () => {
  it("leaves a frozen error as it is", () => {
    const error = Object.freeze(new Error("x"));
    addCallSite(error, new Error());
    assert.equal(error.message, "x");
  });

  it("puts the call behind the error's own stack", () => {
    const error = new Error("x");
    const own = error.stack ?? "";
    const callSite = new Error();
    addCallSite(error, callSite);
    assert(error.stack?.startsWith(own));
    assert(error.stack?.endsWith(callSite.stack?.split("\n").slice(1).join("\n") ?? "?"));
  });
});

describe("keepStack()", () => {
  it("keeps a stack as it is", () => {
    const error = new Error("x");
    const { stack } = error;
    keepStack(error);
    addCallSite(error, new Error());
    assert.equal(error.stack, stack);
  });
});

describe("copyError()", () => {
  it("gives an error that can tell of another call", () => {
    const error = Object.assign(new RangeError("x"), { constructor: "none", code: 7 });
    const copy = copyError(error);
    assert(copy instanceof RangeError && copy !== error);
    assert.deepEqual([copy.message, copy.stack, Reflect.get(copy, "code")], [
      "x",
      error.stack,
      7,
    ]);
    addCallSite(copy, new Error());
    assert.notEqual(copy.stack, error.stack);
  });

  it("gives what is no error as it is", () => {
    assert.equal(copyError("x"), "x");
  });
});
