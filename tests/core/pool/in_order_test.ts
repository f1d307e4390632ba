import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { InOrder } from "../../../core/pool/collectors.ts";

interface Piece {
  readonly first: number;
  readonly block: readonly number[];
}

/** The numbers from 0 on, in blocks of these lengths. */
function piecesOf(lengths: readonly number[]): Piece[] {
  let first = 0;
  return lengths.map((length) => {
    const block = Array.from({ length }, (_, at) => first + at);
    first += length;
    return { first: first - length, block };
  });
}

/** An order, and what has come out of it so far. */
function watch(): { inOrder: InOrder<ArrayLike<number>>; blocks: ArrayLike<number>[] } {
  const blocks: ArrayLike<number>[] = [];
  return { inOrder: new InOrder<ArrayLike<number>>((block) => blocks.push(block)), blocks };
}

describe("InOrder", () => {
  it("add() passes on at once what is due", () => {
    const { inOrder, blocks } = watch();
    for (const { first, block } of piecesOf([2, 1, 3])) {
      inOrder.add(first, block);
      assert.equal(blocks.at(-1), block);
    }
    assert.equal(blocks.length, 3);
  });

  it("add() keeps back what is early, and passes it on behind what it waited for", () => {
    const { inOrder, blocks } = watch();
    inOrder.add(3, Float64Array.of(3.5));
    inOrder.add(1, ["b", "c"].map((text) => text.length));
    assert.deepEqual(blocks, []);
    inOrder.add(0, [0]);
    assert.deepEqual(blocks, [[0], [1, 1], Float64Array.of(3.5)]);
  });

  it("add() passes on every block as soon as all before it have come, in any order", () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 });
    const arrivals = lengths.chain((lengths) => {
      const pieces = piecesOf(lengths);
      return fc.shuffledSubarray(pieces, { minLength: pieces.length });
    });
    fc.assert(fc.property(arrivals, (arrivals) => {
      const { inOrder, blocks } = watch();
      const sorted = [...arrivals].sort((one, other) => one.first - other.first);
      const here = new Set<Piece>();
      for (const piece of arrivals) {
        inOrder.add(piece.first, piece.block);
        here.add(piece);
        const missing = sorted.findIndex((piece) => !here.has(piece));
        const due = missing < 0 ? sorted : sorted.slice(0, missing);
        assert.deepEqual(blocks, due.map(({ block }) => block));
      }
      assert.equal(blocks.length, arrivals.length);
    }));
  });

  it("clear() drops what is early, and nothing that is due", () => {
    const { inOrder, blocks } = watch();
    inOrder.add(2, [2]);
    inOrder.clear();
    inOrder.add(0, [0, 1]);
    assert.deepEqual(blocks, [[0, 1]]);
    inOrder.add(2, [22]);
    assert.deepEqual(blocks, [[0, 1], [22]]);
  });
});
