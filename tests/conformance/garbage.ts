/**
 * Has garbage collected, in whichever thread asks for it.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What Bun offers. */
interface BunGlobal {
  readonly Bun?: { gc(force: boolean): void };
}

/** Finds the engine's own collection, which V8 shows to new contexts once it is told to. */
function findCollection(): () => void {
  // The types of Deno and Node do not know Bun's global.
  const { Bun } = globalThis as BunGlobal;
  if (Bun !== undefined) return () => Bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** Collects until all objects are gone, or so often that they never will be. */
export async function collectGarbage(refs: readonly WeakRef<object>[]): Promise<void> {
  const collect = findCollection();
  for (let attempt = 0; attempt < 20; attempt++) {
    // An object that was looked at stays until the end of the turn.
    await new Promise((wake) => setTimeout(wake, 5));
    collect();
    if (refs.every((ref) => ref.deref() === undefined)) return;
  }
}
