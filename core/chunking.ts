/**
 * Work, in milliseconds, that one message should carry: long against the cost
 * of a message, short against what anybody notices waiting for.
 */
export const CHUNK_MS = 2;

/** What it should carry at least, where there is as much: more even shares would cost more than they save. */
const MIN_CHUNK_MS = 0.25;

/** Most tasks that the pool itself puts into one chunk: V8 makes longer lists many times slower. */
const MAX_ADAPTIVE = 8192;

/** Results that an `imap` whose caller names no buffer may hold at most. */
const MAX_DEFAULT_BUFFER = 1024;

/**
 * Python's default chunk size: four chunks for each worker.
 *
 * @param length Number of tasks.
 * @param workers Number of workers.
 */
export function evenChunkSize(length: number, workers: number): number {
  return Math.ceil(length / (workers * 4));
}

/**
 * How many tasks the next chunk takes: about {@linkcode CHUNK_MS} of work, and
 * no more than an even share of what is left, so that all workers end together,
 * unless that is next to nothing.
 *
 * @param cost Measured time of one task in ms; a function never seen travels alone.
 * @param remaining Tasks not yet sent, where known.
 * @param workers Number of workers.
 */
export function adaptiveChunkSize(
  cost: number | undefined,
  remaining: number | undefined,
  workers: number,
): number {
  if (cost === undefined) return 1;
  const byShare = remaining === undefined ? MAX_ADAPTIVE : evenChunkSize(remaining, workers);
  const enough = Math.max(byShare, Math.floor(MIN_CHUNK_MS / cost));
  return Math.max(1, Math.min(Math.floor(CHUNK_MS / cost), enough, MAX_ADAPTIVE));
}

/**
 * What a task counts for, in milliseconds, where the tasks of several functions
 * make up {@linkcode CHUNK_MS} of work: one of a function never seen fills it.
 *
 * @param cost Measured time of one task in ms, which is nothing where clocks are coarse.
 */
export function weightOf(cost: number | undefined): number {
  return cost === undefined ? CHUNK_MS : Math.max(cost, CHUNK_MS / MAX_ADAPTIVE);
}

/**
 * How far an `imap` without `bufferSize` may run ahead of its reader: four
 * chunks for each worker, within limits; as far as it can if the reader waits,
 * as the next result in order may be long in coming.
 *
 * @param chunkSize Tasks in one chunk.
 * @param workers Number of workers.
 * @param isAwaited Whether the reader waits for a result.
 */
export function defaultBufferSize(
  chunkSize: number,
  workers: number,
  isAwaited: boolean,
): number {
  if (isAwaited) return Math.max(workers, MAX_DEFAULT_BUFFER);
  return Math.max(workers, Math.min(4 * workers * chunkSize, MAX_DEFAULT_BUFFER));
}
