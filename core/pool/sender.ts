import type { JobChunk } from "./job.ts";
import { explainRefusal } from "./parcels.ts";
import type { PoolWorker } from "./pool_worker.ts";
import type { Time } from "../ports.ts";

/** How long tasks that cannot be sent may hold up the caller's thread in one turn, in ms. */
const MAX_REFUSING = 4;

/** Who gives out what is sent. */
export interface SendingOwner {
  /** Gives a chunk to a worker, which is to be sent it. */
  give(worker: PoolWorker, chunk: JobChunk): void;
  /** Has tasks given out once more in this round. */
  requeueNow(chunk: JobChunk): void;
  /** A worker that was to be sent a task has room for others. */
  refused(): void;
}

/** Sends chunks to workers; a task that cannot be sent fails, and no other. */
export class Sender {
  readonly #owner: SendingOwner;
  readonly #time: Time;
  /** When the first task could not be sent, since the last round. */
  #refusingSince: number | undefined;

  constructor(owner: SendingOwner, time: Time) {
    this.#owner = owner;
    this.#time = time;
  }

  /** Whether there were tasks in this turn that could not be sent. */
  get isRefusing(): boolean {
    return this.#refusingSince !== undefined;
  }

  /** Whether they have held up the caller's thread for long enough. */
  get isLate(): boolean {
    return this.#refusingSince !== undefined &&
      this.#time.now() - this.#refusingSince > MAX_REFUSING;
  }

  /** Another turn of the event loop has begun. */
  goOn(): void {
    this.#refusingSince = undefined;
  }

  /** Sends a worker chunks that it was given. */
  send(worker: PoolWorker, chunks: readonly JobChunk[]): void {
    try {
      worker.send(chunks);
    } catch (error) {
      for (const chunk of chunks) worker.backlog.retractUnsent(chunk);
      this.sendApart(worker, chunks, error);
    }
  }

  /** Something among the chunks cannot be cloned, or read: finds the task, by halves, so that only it fails. */
  sendApart(worker: PoolWorker, chunks: readonly JobChunk[], error: unknown): void {
    const [chunk, ...others] = chunks;
    if (others.length === 0 && chunk?.size === 1) return this.#refuse(chunk, error);
    for (const half of halvesOf(chunks)) {
      const wanted = half.filter(({ job }) => !job.over);
      if (this.isLate || worker.backlog.isFull || !worker.isOpen) {
        wanted.forEach((chunk) => this.#owner.requeueNow(chunk));
      } else if (wanted.length > 0) {
        for (const chunk of wanted) this.#owner.give(worker, chunk);
        this.send(worker, wanted);
      }
    }
  }

  #refuse(chunk: JobChunk, error: unknown): void {
    this.#refusingSince ??= this.#time.now();
    this.#owner.refused();
    chunk.reject(0, explainRefusal(error, chunk));
    chunk.job.advance();
  }
}

/** Chunks, or the one chunk, as two halves. */
function halvesOf(chunks: readonly JobChunk[]): readonly JobChunk[][] {
  const [chunk, ...others] = chunks;
  if (chunk !== undefined && others.length === 0) return [[chunk], [chunk.split(chunk.size >> 1)]];
  const middle = chunks.length >> 1;
  return [chunks.slice(0, middle), chunks.slice(middle)];
}
