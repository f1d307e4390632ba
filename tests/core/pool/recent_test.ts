import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Recent } from "../../../core/pool/functions.ts";

function recent(limit: number, keys: string): Recent<string, string> {
  const entries = new Recent<string, string>(limit);
  for (const key of keys) entries.add(key, key.toUpperCase());
  return entries;
}

describe("Recent", () => {
  it("add() drops what was added first when there is no room", () => {
    const entries = recent(2, "abc");
    assert.equal(entries.size, 2);
    assert.deepEqual(["a", "b", "c"].map((key) => entries.get(key)), [undefined, "B", "C"]);
  });

  it("get() keeps what it finds from being the next that goes", () => {
    const entries = recent(3, "abc");
    assert.equal(entries.get("a"), "A");
    entries.add("d", "D");
    assert.equal(entries.get("b"), undefined);
    assert.equal(entries.get("a"), "A");
  });

  it("makeRoom() drops nothing while there is room", () => {
    assert.equal(recent(2, "a").makeRoom(), undefined);
    const full = recent(2, "ab");
    assert.equal(full.makeRoom(), "A");
    assert.equal(full.makeRoom(), undefined);
    assert.equal(full.size, 1);
  });
});
