/**
 * Has garbage collected, in whichever thread asks for it.
 *
 * @module
 */

/**
 * Makes garbage until all objects are gone, or for so long that they never will be.
 * No runtime lets a program ask for its collection without a flag.
 */
export async function collectGarbage(refs: readonly WeakRef<object>[]): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++) {
    // Looking at an object spares it in the collection under way: look seldom.
    if (refs.every((ref) => ref.deref() === undefined)) return;
    for (let turn = 0; turn < 25; turn++) {
      await new Promise((wake) => setTimeout(wake, 0));
      // Memory outside the heap brings on a full collection; small objects only a partial one.
      for (let n = 0; n < 4; n++) new ArrayBuffer(64_000_000);
    }
  }
}
