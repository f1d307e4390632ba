/**
 * A lock that a worker holds as long as it lives. Where no event tells of a
 * worker's end (Deno, browsers), a pool that waits for its lock gets it then.
 */

/** The slice of the Web Locks API that is used here. */
interface Locks {
  request(name: string, callback: () => unknown): Promise<unknown>;
}

/** Web Locks, which Bun and older Denos do not have. */
function locks(): Locks | undefined {
  return (globalThis.navigator as { locks?: Locks } | undefined)?.locks;
}

/** In the worker: holds the lock until the thread ends. Resolves when it is held, if it can be. */
export function holdLifeline(name: string, onHeld: () => void): Promise<void> {
  const manager = locks();
  if (manager === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    void manager.request(name, () => {
      onHeld();
      resolve();
      return new Promise(() => {});
    });
  });
}

/** In the pool: calls back when the worker that holds the lock has ended. */
export function watchLifeline(name: string, onEnd: () => void): void {
  // A task can steal the lock in the moment in which the pool has it: it has ended all the same.
  locks()?.request(name, onEnd).catch(() => {});
}
