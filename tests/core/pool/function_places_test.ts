import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FunctionPlaces, KnownFunction, MAX_FUNCTIONS } from "../../../core/pool/functions.ts";
import { keyOf } from "../../../core/wire/task_ref.ts";

const fn = (id: number) => new KnownFunction(id, { kind: "served", name: `f${id}` });

/** A worker that has in each place what it was told last. */
class Told {
  readonly places = new FunctionPlaces();
  readonly #heard = new Map<number, string>();
  /** How often it was told where a function is. */
  count = 0;

  /** Sends a chunk of a function, and checks that the worker has that one in its place. */
  send(id: number): void {
    const { fn: place, ref } = this.places.name(fn(id));
    assert.ok(place >= 0 && place < MAX_FUNCTIONS, `place ${place}`);
    if (ref !== undefined) this.#heard.set(place, keyOf(ref));
    if (ref !== undefined) this.count++;
    assert.equal(this.#heard.get(place), keyOf(fn(id).ref));
  }

  /** Tries to send chunks whose message is refused. */
  refuse(ids: readonly number[]): void {
    for (const id of ids) this.places.name(fn(id));
    for (const id of ids) this.places.unname(fn(id));
  }
}

describe("FunctionPlaces", () => {
  it("name() says once where a function is", () => {
    const told = new Told();
    for (let round = 0; round < 3; round++) {
      for (let id = 0; id < MAX_FUNCTIONS; id++) told.send(id);
    }
    assert.equal(told.count, MAX_FUNCTIONS);
  });

  it("name() gives the place of what was used longest ago to a function without one", () => {
    const told = new Told();
    for (let id = 0; id < 4 * MAX_FUNCTIONS; id++) {
      told.send(id);
      told.send(0);
    }
    assert.equal(told.count, 4 * MAX_FUNCTIONS);
    told.send(1);
    assert.equal(told.count, 4 * MAX_FUNCTIONS + 1);
  });

  it("name() says again what was in a message that was refused", () => {
    const told = new Told();
    told.refuse([1, 1, 2]);
    told.send(1);
    told.send(2);
    told.send(2);
    assert.equal(told.count, 2);
  });

  it("name() trusts no place after messages were refused that took others' places", () => {
    const told = new Told();
    let seed = 1;
    const random = (below: number) => (seed = seed * 48271 % 2147483647) % below;
    for (let step = 0; step < 5_000; step++) {
      const ids = Array.from({ length: 1 + random(5) }, () => random(MAX_FUNCTIONS + 40));
      if (random(3) === 0) told.refuse(ids);
      else ids.forEach((id) => told.send(id));
    }
  });

  it("unname() of a function that has no place any more is no matter", () => {
    const told = new Told();
    told.places.unname(fn(5));
    told.send(5);
    assert.equal(told.count, 1);
  });
});
