/** The paths of the first files of a package, or of a folder of it, by their names. */
export function filesOf(
  packageName: string,
  ending: string,
  count: number,
  folder?: `./${string}/`,
): string[];
/** The path of a file, which is made if it is not there. */
export function fileMade(name: string, make: () => string | Uint8Array): string;
/** A generator of numbers from 0 to 1, which gives the same ones for a seed. */
export function randomFrom(seed: number): () => number;
