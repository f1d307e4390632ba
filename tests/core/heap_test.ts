import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Heap, type HeapItem } from "../../core/queues.ts";
import { randomOf } from "./pool/scheduler_world.ts";

interface Ranked extends HeapItem {
  rank: number;
}

describe("Heap", () => {
  it("gives what a sorted list gives, over thousands of random steps", () => {
    const random = randomOf(1);
    const heap = new Heap<Ranked>((one, other) => one.rank < other.rank);
    const model = new Set<Ranked>();
    const items = Array.from({ length: 50 }, (): Ranked => ({ at: -1, rank: 0 }));
    for (let step = 0; step < 10_000; step++) {
      const item = items[random(items.length)] ?? { at: -1, rank: 0 };
      if (random(3) === 0) {
        heap.remove(item);
        model.delete(item);
      } else {
        // No two of one rank: either could go first.
        item.rank = random(100) * 10_000 + step;
        heap.put(item);
        model.add(item);
      }
      const [first] = [...model].toSorted((a, b) => a.rank - b.rank);
      assert.equal(heap.peek(), first);
      assert.equal(heap.size, model.size);
    }
    assert.deepEqual(new Set(heap), model);
  });

  it("remove() leaves an item alone that is not in it", () => {
    const heap = new Heap<Ranked>(() => false);
    const item = { at: -1, rank: 0 };
    heap.remove(item);
    heap.put(item);
    heap.remove(item);
    heap.remove(item);
    assert.deepEqual([heap.peek(), heap.size, item.at], [undefined, 0, -1]);
  });
});
