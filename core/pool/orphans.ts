import type { Job, JobChunk } from "./job.ts";
import type { Slot } from "./slot.ts";

/** Chunks of broadcasts whose worker went before it began them: each goes to another of its own. */
export class Orphans {
  #chunks: JobChunk[] = [];

  /** How many chunks wait for a worker. */
  get size(): number {
    return this.#chunks.length;
  }

  /** Adds a chunk, unless its job is over. */
  add(chunk: JobChunk): void {
    if (!chunk.job.over) this.#chunks.push(chunk);
  }

  /** Takes what a worker that goes had before it. */
  takeFrom(slot: Slot): void {
    this.#chunks.push(...slot.pinned.splice(0));
  }

  /** Gives a worker one chunk, if one waits. */
  giveTo(slot: Slot): void {
    slot.pinned.push(...this.#chunks.splice(0, 1));
  }

  /** A job is over. */
  forget(job: Job): void {
    this.#chunks = this.#chunks.filter((chunk) => chunk.job !== job);
  }
}
