import { randomOf } from "../core/pool/scheduler_world.ts";

/** Things to choose from, each with its share. */
export type Shares<T> = readonly (readonly [thing: T, share: number])[];

/** Chance of which all follows from a seed. */
export class Random {
  readonly #random: (below: number) => number;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.#random(most - least + 1);
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.#random(100) < percent;
  }

  /** One of a list. */
  oneOf<T>(things: readonly T[]): T {
    return this.shared(things.map((thing) => [thing, 1]));
  }

  /** One of several things, each as often as its share says. */
  shared<T>(shares: Shares<T>): T {
    let left = this.#random(shares.reduce((sum, [, share]) => sum + share, 0));
    for (const [thing, share] of shares) {
      left -= share;
      if (left < 0) return thing;
    }
    throw new RangeError("Cannot choose as there is nothing to choose from: no shares");
  }
}
