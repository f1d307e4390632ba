/**
 * Counts what could have been collected and was not.
 *
 * @module
 */

import { collectGarbage } from "./memory.ts";

const watched = new Set<WeakRef<object>>();

/** Counts an object from now on. */
export function watch<T extends object>(object: T): T {
  watched.add(new WeakRef(object));
  return object;
}

/** Counts what each worker of a pool has one of: memory shared with it, and a port to it. */
export function watchWorkers(): void {
  const { MessageChannel, SharedArrayBuffer } = globalThis;
  Object.assign(globalThis, {
    SharedArrayBuffer: class extends SharedArrayBuffer {
      constructor(length: number) {
        super(length);
        watch(this);
      }
    },
    MessageChannel: class extends MessageChannel {
      constructor() {
        super();
        watch(this.port1);
      }
    },
  });
}

/** How many objects are still there. */
export async function countAlive(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    // What is on its way keeps what it is for.
    await new Promise((wake) => setTimeout(wake, 10));
    collectGarbage();
  }
  for (const ref of watched) if (ref.deref() === undefined) watched.delete(ref);
  return watched.size;
}
