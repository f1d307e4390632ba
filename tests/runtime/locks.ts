/** The slice of the Web Locks API that is used here. */
interface Locks {
  request(name: string, callback: () => Promise<void>): Promise<void>;
  request(
    name: string,
    options: { readonly ifAvailable: true },
    callback: (lock: unknown) => boolean,
  ): Promise<boolean>;
}

/** Web Locks, which the types of the standard library do not have. */
function locks(): Locks {
  return (navigator as unknown as { readonly locks: Locks }).locks;
}

/** Waits for a lock, and holds it; gives what lets go of it. */
export async function holdLock(name: string): Promise<() => void> {
  const held = Promise.withResolvers<void>();
  const { promise: isOver, resolve: letGo } = Promise.withResolvers<void>();
  void locks().request(name, () => {
    held.resolve();
    return isOver;
  });
  await held.promise;
  return letGo;
}

/** Whether a lock is free. */
export function isLockFree(name: string): Promise<boolean> {
  return locks().request(name, { ifAvailable: true }, (lock) => lock !== null);
}
