import type { WorkerLostError } from "../../errors.ts";
import type { JobChunk } from "./job.ts";
import type { Values } from "../wire/packing.ts";

/** The one place where a task that was given out gets its outcome; counts them. */
export class Outcomes {
  /** Tasks that gave a value. */
  completed = 0;
  /** Tasks that failed. */
  failed = 0;
  /** Tasks that were lost with their worker. */
  lost = 0;

  /** The next tasks of a chunk gave values. */
  fulfil(chunk: JobChunk, values: Values): void {
    const position = chunk.next;
    chunk.next += values.length;
    if (!chunk.job.over) this.completed += values.length;
    chunk.job.fulfil(chunk, position, values);
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
