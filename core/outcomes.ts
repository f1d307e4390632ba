import type { WorkerLostError } from "../errors.ts";
import type { JobChunk } from "./job.ts";

/** The one place where a task that was given out gets its outcome; counts them. */
export class Outcomes {
  /** Tasks that gave a value. */
  completed = 0;
  /** Tasks that failed. */
  failed = 0;
  /** Tasks that were lost with their worker. */
  lost = 0;

  /** A task gave a value. */
  fulfil(chunk: JobChunk, position: number, value: unknown): void {
    chunk.next = position + 1;
    if (!chunk.job.over) this.completed++;
    chunk.job.fulfil(chunk, position, value);
  }

  /** A task failed. */
  reject(chunk: JobChunk, position: number, error: unknown): void {
    chunk.next = position + 1;
    chunk.failed = true;
    if (!chunk.job.over) this.failed++;
    chunk.job.reject(chunk, position, error);
  }

  /** A task was lost with its worker: nobody knows whether it would have failed. */
  lose(chunk: JobChunk, position: number, error: WorkerLostError): void {
    chunk.next = position + 1;
    if (!chunk.job.over) this.lost++;
    chunk.job.reject(chunk, position, error);
  }
}
