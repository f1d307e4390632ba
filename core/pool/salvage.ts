import { WorkerLostError } from "../../errors.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { describe } from "../wire/error_codec.ts";
import { isHandedOver, type JobChunk } from "./job.ts";
import type { Slot } from "./slot.ts";
import type { Death } from "./worker_control.ts";

/** Decides what becomes of the chunks of a worker that is gone. */
export class Salvage {
  readonly #dispatcher: Dispatcher;

  /** @param dispatcher Where tasks go that run elsewhere. */
  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** What the worker had begun is lost, or run again; the rest runs elsewhere. */
  salvage(slot: Slot, error: WorkerLostError): void {
    const [first] = slot.chunks;
    // A chunk that waited behind another has nothing to do with the death.
    if (first !== undefined && slot.begun(first) === 0) first.stranded++;
    const chunks = slot.chunks.map((chunk) => ({ chunk, begun: slot.begun(chunk) }));
    slot.chunks.length = 0;
    // The last first, as each goes before all others.
    for (const { chunk, begun } of chunks.reverse()) this.#salvageChunk(chunk, begun, error);
    this.#dispatcher.broadcasts.gone(slot);
  }

  #salvageChunk(chunk: JobChunk, begun: number, error: WorkerLostError): void {
    const tail = chunk.split(begun);
    for (let position = chunk.next; position < begun; position++) {
      this.#loseOrRerun(chunk, position, error);
    }
    this.#placeTail(chunk, tail, error);
    chunk.next = chunk.size;
    chunk.job.advance();
  }

  #loseOrRerun(chunk: JobChunk, position: number, error: WorkerLostError): void {
    const losses = position === 0 ? chunk.losses : 0;
    if (losses < chunk.job.policy.retries && !isHandedOver(chunk)) {
      this.#dispatcher.requeue(chunk.rerun(position));
    } else {
      chunk.lose(position, error);
    }
  }

  #placeTail(chunk: JobChunk, tail: JobChunk, error: WorkerLostError): void {
    if (tail.size === 0) return;
    const { stopOnError } = chunk.job.policy;
    if (isHandedOver(chunk) || tail.isHopeless) {
      for (let at = 0; at < tail.size; at++) tail.lose(at, error);
    } else if (chunk.failed && stopOnError) {
      chunk.job.skip(tail.size);
    } else {
      this.#dispatcher.requeue(tail);
    }
  }
}

/** The error of whatever a worker was running when it died. */
export function lossOf(slot: Slot, death: Death): WorkerLostError {
  const [chunk] = slot.chunks;
  const isRunning = chunk !== undefined && slot.begun(chunk) > chunk.next;
  const task = isRunning ? chunk.job.fn.name : undefined;
  const what = task === undefined ? "run tasks" : `finish task '${task}'`;
  const { exitCode, cause } = death;
  const reason = cause !== undefined ? describe(cause) : `exit code ${exitCode ?? "unknown"}`;
  return new WorkerLostError(`Cannot ${what} as its worker ${slot.name} died: ${reason}`, {
    ...death,
    task,
    workerName: slot.name,
  });
}
