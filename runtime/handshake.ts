import { isRecord } from "../core/wire/shapes.ts";

/**
 * What the two sides say to get a channel of their own, and to know when it is over.
 *
 *     pool                      worker
 *       <---------- serving       one with a file of the caller's own listens
 *       connect ---------->       it takes the port, and the lock, if there are locks
 *       <---------- locked
 *       <---------> ...           the messages of the protocol
 *       <---------- ending
 *       gets the lock             it has ended
 *
 * Where no event tells of a worker's end (Deno, browsers), the worker holds a
 * lock as long as it lives, and a pool that waits for it gets it then.
 */
export type Handshake =
  | Connect
  /** A worker of the caller's own listens; on its global scope, as `connect`. */
  | { readonly polypool: "serving" }
  /** The worker holds its lock; through the channel, as all that follows. */
  | { readonly polypool: "locked" }
  /** The worker is about to end. */
  | { readonly polypool: "ending" };

/** The pool's first word to a worker. */
export interface Connect {
  readonly polypool: "connect";
  /** The worker's end of their own channel. */
  readonly port: MessagePort;
  /** Name of the lock that the worker holds while it lives. */
  readonly lock: string;
}

/** Tells a message of the handshake from whatever else a worker's scope may carry. */
export function isHandshake(data: unknown): data is Handshake {
  return isRecord(data) && Object.hasOwn(data, "polypool") && typeof data["polypool"] === "string";
}

/** Tells the first of them from whatever else a worker's scope may carry. */
export function isConnect(data: unknown): data is Connect {
  return isHandshake(data) && data.polypool === "connect" && data.port instanceof MessagePort;
}

/** The slice of the Web Locks API that is used here. */
interface Locks {
  request(name: string, callback: () => unknown): Promise<unknown>;
}

/** Web Locks, which Bun and older Denos do not have. */
function locks(): Locks | undefined {
  return (globalThis.navigator as { locks?: Locks } | undefined)?.locks;
}

/** In the worker: holds the lock until the thread ends. Resolves when it is held, if it can be. */
export function holdLifeLock(name: string, onHeld: () => void): Promise<void> {
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
export function watchLifeLock(name: string, onEnd: () => void): void {
  // A task may steal the lock just as the pool gets it, which rejects: the worker has ended all the same.
  locks()?.request(name, onEnd).catch(() => {});
}
