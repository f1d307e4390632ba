/** Ends things that nobody holds any more; absent where the platform tells of no collection. */
const registry = globalThis.FinalizationRegistry === undefined
  ? undefined
  : new FinalizationRegistry<() => void>((end) => end());

/**
 * Has something ended once nobody holds it any more.
 *
 * @param object Whatever may be forgotten.
 * @param end Ends what is behind it. It must not reach the object, not even by a
 * scope that it shares with another closure: that would hold it for ever.
 */
export function whenForgotten(object: object, end: () => void): void {
  registry?.register(object, end);
}
