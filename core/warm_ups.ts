import type { Settler } from "./collector.ts";
import type { Slot } from "./slot.ts";

/** Those who wait until each worker has been up since they asked, which one by its index. */
export class WarmUps {
  readonly #workers: number;
  #waiters: { readonly up: Set<number>; readonly settler: Settler<void> }[] = [];

  /** @param workers How many workers there may be: their indices are below. */
  constructor(workers: number) {
    this.#workers = workers;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiters.length;
  }

  /** Adds somebody, for whom the workers count that are up now: one that leaves still is. */
  add(settler: Settler<void>, slots: Iterable<Slot>): void {
    const up = new Set<number>();
    for (const { status, index } of slots) {
      if (status === "ready" || status === "leaving") up.add(index);
    }
    this.#waiters.push({ up, settler });
  }

  /** A worker is up. */
  started({ index }: Slot): void {
    for (const { up } of this.#waiters) up.add(index);
  }

  /** Lets those go who have waited for all workers. */
  resolve(): void {
    if (this.size === 0) return;
    const isDone = ({ up }: { up: Set<number> }) => up.size === this.#workers;
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { settler } of done) settler.resolve();
  }

  /** Lets everybody go: no workers are to come any more. */
  reject(newError: () => Error): void {
    for (const { settler } of this.#waiters.splice(0)) settler.reject(newError());
  }
}
