/** Nothing may stay as it is for so long, in ms. */
const SILENCE_MS = 20_000;

/** Gives up when nothing happens any more. */
export class Watchdog {
  #lastNews = performance.now();

  /** Something happened. */
  pat(): void {
    this.#lastNews = performance.now();
  }

  /**
   * Waits for some work for as long as there is news of it.
   *
   * @param work What ends, if all goes well.
   * @param describe Says what has not ended.
   */
  async guard(work: Promise<unknown>, describe: () => string): Promise<void> {
    this.pat();
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const timer = setInterval(() => {
      if (performance.now() - this.#lastNews < SILENCE_MS) return;
      reject(new Error(`nothing happened for ${SILENCE_MS} ms; pending: ${describe()}`));
    }, 500);
    try {
      await Promise.race([work, silence]);
    } finally {
      clearInterval(timer);
    }
  }
}
