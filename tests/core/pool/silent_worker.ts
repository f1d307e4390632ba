import type { JobChunk } from "../../../core/pool/job.ts";
import { unpack } from "../../../core/wire/packing.ts";
import type { ToWorker, WireChunk } from "../../../core/wire/protocol.ts";
import { Slot } from "../../../core/pool/slot.ts";
import type { WorkerControl } from "../../../core/pool/worker_control.ts";

/** A worker that only keeps what it is sent, after a clone of it as a real message makes one. */
export class SilentWorker implements WorkerControl {
  /** The chunks of each message. */
  readonly messages: (readonly WireChunk[])[] = [];

  post(message: ToWorker, transfer: readonly Transferable[]): void {
    structuredClone(message, { transfer: [...transfer] });
    if (message.kind === "run") this.messages.push(message.chunks);
  }

  /** The items of each chunk that it was sent. */
  get items(): unknown[][] {
    return this.messages.flat().map(({ items }) => [...unpack(items)]);
  }

  start(_delay: number): void {}
  watch(_timeout: number): void {}
  unwatch(): void {}
  watchInitializer(): void {}
  watchLoad(): void {}
  interrupt(_chunk: JobChunk, _reason: unknown): void {}
  rest(): void {}
  endForBadMessage(_message: unknown): void {}
  hold(): void {}
  release(): void {}
  stop(): void {}
  kill(): void {}
}

/** A worker that is up, and what it was sent. */
export interface Post {
  readonly slot: Slot;
  readonly worker: SilentWorker;
}

/** Brings up a worker. */
export function newPost(name: string = "w-1", budget: number = Infinity): Post {
  const worker = new SilentWorker();
  const slot = new Slot(name, 0, budget, undefined, () => worker);
  slot.status = "ready";
  return { slot, worker };
}

/** Does as a worker that begins the next tasks of a chunk. */
export function beginTasks({ slot }: Post, chunk: JobChunk, count = 1): void {
  for (let task = 0; task < count; task++) slot.claims?.begin(chunk.word);
}
