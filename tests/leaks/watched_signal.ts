/** A controller whose signal counts who listens to it. */
export class WatchedController extends AbortController {
  /** How many listeners there have been. */
  added = 0;
  readonly #listeners = new Set<unknown>();

  constructor() {
    super();
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: EventListener) => {
      this.added++;
      this.#listeners.add(listener);
      add(type, listener);
    };
    signal.removeEventListener = (type: string, listener: EventListener) => {
      this.#listeners.delete(listener);
      remove(type, listener);
    };
  }

  /** How many listeners there are. */
  get listeners(): number {
    return this.#listeners.size;
  }
}
