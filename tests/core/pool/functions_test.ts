import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FunctionTable, MAX_FUNCTIONS } from "../../../core/pool/functions.ts";

const served = (name: string) => ({ kind: "served", name }) as const;

describe("FunctionTable", () => {
  it("intern() gives one entry to each function, however often it is named", () => {
    const table = new FunctionTable();
    assert.equal(table.intern(served("f")), table.intern({ ...served("f") }));
    const refs = [
      served("f"),
      served("g"),
      { kind: "module", url: "file:///a.ts", name: "f" },
      { kind: "module", url: "file:///b.ts", name: "f" },
      { kind: "source", source: "() => 1", name: "f" },
      { kind: "source", source: "() => 2", name: "f" },
    ] as const;
    const ids = refs.map((ref) => table.intern(ref).id);
    assert.deepEqual(ids, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(refs.map((ref) => table.intern(ref).id), ids);
  });

  it("intern() forgets what was used longest ago, and never gives a number twice", () => {
    const table = new FunctionTable();
    const ids = new Set<number>();
    const first = table.intern(served("first"));
    for (let n = 0; n < 3 * MAX_FUNCTIONS; n++) {
      assert.equal(table.intern(served("first")), first);
      ids.add(table.intern(served(`f${n}`)).id);
    }
    assert.equal(ids.size, 3 * MAX_FUNCTIONS);
    assert.equal(ids.has(first.id), false);
    const again = table.intern(served("f0"));
    assert.equal(ids.has(again.id), false);
    assert.equal(table.intern(served("f0")), again);
  });
});

describe("KnownFunction", () => {
  it("name says so where a function has none", () => {
    const table = new FunctionTable();
    assert.equal(table.intern(served("f")).name, "f");
    assert.equal(table.intern({ kind: "source", source: "() => 1", name: "" }).name, "(inline)");
  });

  it("cost is unknown at first, then what was measured, then follows what is measured", () => {
    const known = new FunctionTable().intern(served("f"));
    assert.equal(known.cost, undefined);
    known.measure(4, 8);
    assert.equal(known.cost, 2);
    known.measure(1, 4);
    assert.equal(known.cost, 8 / 3);
    for (let time = 0; time < 50; time++) known.measure(2, 20);
    assert(Math.abs((known.cost ?? 0) - 10) < 1e-9, String(known.cost));
  });

  it("cost follows many tasks more than one", () => {
    const known = new FunctionTable().intern(served("f"));
    known.measure(1, 100);
    known.measure(999, 999);
    assert(Number(known.cost) < 1.1, String(known.cost));
    known.measure(1, 100);
    assert(Number(known.cost) < 1.5, String(known.cost));
  });

  it("cost of a function that takes no time is zero, not unknown", () => {
    const known = new FunctionTable().intern(served("f"));
    known.measure(5, 0);
    assert.equal(known.cost, 0);
  });
});
