import assert from "node:assert/strict";
import type { Pool, ResultIterator } from "../../mod.ts";
import { nameOutcome } from "./fault.ts";
import { settle } from "./patience.ts";
import { tasks } from "./runs.ts";

const NUMBERS = Array.from({ length: 8 }, (_, n) => n);
const DOUBLED = NUMBERS.map((n) => n * 2);

/** Jobs that have nothing to do with a fault but that they are in the same pool. */
export class Others {
  /** Settles when the stream that is in the middle of being read has given its first result. */
  readonly underWay: Promise<unknown>;
  /** Resolves when all are settled. */
  readonly done: Promise<void>;
  readonly #stream: ResultIterator<number>;
  readonly #added = Promise.withResolvers<Readonly<Record<string, Promise<unknown>>>>();
  readonly #settled: Promise<Record<string, PromiseSettledResult<unknown>>>;

  constructor(pool: Pool) {
    this.#stream = pool.imap(tasks.doubleSlowly, NUMBERS, { chunkSize: 2, bufferSize: 6 });
    this.underWay = this.#stream.next();
    this.underWay.catch(() => {});
    this.#settled = this.#added.promise.then(settle);
    this.#settled.catch(() => {});
    this.done = this.#settled.then(() => {}, () => {});
  }

  /** Adds jobs behind the fault's own. A pool that has ended refuses them, by a rejection here. */
  add(pool: Pool): void {
    this.#added.resolve({
      "the imap() that is being read": this.#readOn(),
      "the map() behind": submit(() => pool.map(tasks.doubleSlowly, NUMBERS, { chunkSize: 3 })),
      "the apply() behind": submit(() => pool.apply(tasks.identity, [DOUBLED])),
    });
  }

  /** All of them give their right results, or fail with one of the errors that may end a pool. */
  async check(allowed: readonly string[]): Promise<void> {
    for (const [name, outcome] of Object.entries(await this.#settled)) {
      if (outcome.status === "fulfilled") assert.deepEqual(outcome.value, DOUBLED, name);
      else if (!allowed.includes(nameOutcome(outcome))) throw outcome.reason;
    }
  }

  async #readOn(): Promise<unknown[]> {
    const values: unknown[] = [];
    await this.underWay;
    for await (const value of this.#stream) values.push(value);
    return [0, ...values];
  }
}

async function submit(job: () => Promise<unknown>): Promise<unknown> {
  return await job();
}
