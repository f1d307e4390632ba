import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fifo } from "../../core/queues.ts";
import { randomOf } from "./pool/scheduler_world.ts";

describe("Fifo", () => {
  it("does as a plain array does, over thousands of random steps", () => {
    const random = randomOf(1);
    const fifo = new Fifo<number>();
    let model: number[] = [];
    for (let step = 0; step < 20_000; step++) {
      const draw = random(100);
      if (draw < 55) model.push(step), fifo.push(step);
      else if (draw < 90) assert.equal(fifo.shift(), model.shift());
      else if (draw < 94) model.unshift(step), fifo.unshift(step);
      else if (draw < 98) {
        const item = model[random(model.length)] ?? -1;
        const isThere = model.includes(item);
        model = model.filter((other) => other !== item);
        assert.equal(fifo.remove(item), isThere);
      } else {
        model = model.filter((item) => item % 7 !== 0);
        fifo.retain((item) => item % 7 !== 0);
      }
      assert.equal(fifo.size, model.length);
      assert.equal(fifo.peek(), model[0]);
    }
    assert.deepEqual([...fifo], model);
  });

  it("insert() keeps the order, wherever an element belongs", () => {
    const random = randomOf(2);
    const fifo = new Fifo<number>();
    let model: number[] = [];
    for (let step = 0; step < 2000; step++) {
      const item = random(1000);
      fifo.insert(item, (other) => other > item);
      model = [...model, item].toSorted((a, b) => a - b);
      if (random(3) > 0) assert.equal(fifo.shift(), model.shift());
      assert.deepEqual([...fifo], model);
    }
  });

  it("stays in order when its dead front is cut off", () => {
    const fifo = new Fifo<number>();
    for (let item = 0; item < 5000; item++) fifo.push(item);
    for (let item = 0; item < 5000; item++) assert.equal(fifo.shift(), item);
    assert.equal(fifo.shift(), undefined);
  });
});
