import type { ToWorker } from "../core/wire/protocol.ts";
import type { TaskThread } from "../core/worker/outbox.ts";
import { TaskRunner } from "../core/worker/task_runner.ts";
import type { TaskCode } from "../core/wire/source_text.ts";
import { Inlet, pace } from "./channel.ts";
import { Clock } from "./clock.ts";
import { taskScope } from "./async_context.ts";
import { requireModule } from "./node.ts";
import { now } from "./platform.ts";
import type { WorkerListener, WorkerPort } from "./port.ts";
import { NoStartError } from "./start.ts";
import { Turns } from "./turns.ts";

/** How long an import may take that waits for nothing, in ms. */
const IMPORT_MS = 20;

/**
 * Opens a port to the calling thread itself: the same messages, cloned in the
 * same way, each in a turn of its own, so that timers and events go on.
 *
 * @param functions Functions that the caller passed itself, by key.
 * @param listener Hears what a worker would say.
 * @throws {NoStartError} Where nothing can be cloned, as in what stands for a page in tests.
 */
export function openInlineWorker(
  functions: ReadonlyMap<string, TaskCode>,
  listener: WorkerListener,
): WorkerPort {
  if (globalThis.structuredClone === undefined) {
    throw new NoStartError(
      "Cannot run tasks on this thread as it has no structuredClone: undefined",
    );
  }
  return new InlinePort(functions, listener);
}

class InlinePort implements WorkerPort {
  readonly #listener: WorkerListener;
  readonly #runner: TaskRunner;
  readonly #scope = taskScope();
  readonly #inlet: Inlet;
  #isOpen = true;

  constructor(functions: ReadonlyMap<string, TaskCode>, listener: WorkerListener) {
    this.#listener = listener;
    this.#inlet = new Inlet(pace, (message) => this.#isOpen && listener.message(message));
    const thread: TaskThread = {
      scope: this.#scope,
      isShared: true,
      now,
      stop: () => this.terminate(),
      post: (message, transfer) => deliver(message, transfer, (copy) => this.#inlet.take(copy)),
    };
    const pause = () => new Promise<void>((resolve) => new Clock().start(IMPORT_MS, resolve));
    this.#runner = new TaskRunner(thread, { byKey: functions, pause, require: requireModule });
  }

  get isBehind(): boolean {
    return this.#inlet.isBehind;
  }

  post(message: ToWorker, transfer: readonly Transferable[]): void {
    deliver(message, transfer, (copy) => {
      // A task cannot be stopped here: its abort reaches it even after the port was closed.
      if (!this.#isOpen && copy.kind !== "abort") return;
      void this.#receive(copy);
    });
  }

  /** What goes wrong is this worker's own affair: nobody else hears it in a timer. */
  async #receive(message: ToWorker): Promise<void> {
    try {
      await this.#scope.run(null, () => this.#runner.receive(message));
    } catch (error) {
      this.#listener.failed(error);
      this.terminate();
    }
  }

  terminate(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    turns.wait(() => this.#listener.ended(0));
  }

  close(): void {
    this.#isOpen = false;
  }

  // Only what its tasks wait for keeps the process alive; there is no thread that could.
  hold(): void {}
  release(): void {}
}

/** Messages of both directions, of all pools. */
const turns = new Turns();

/** Hands over a copy of a message in a later turn, after those that were sent before. */
function deliver<M>(
  message: M,
  transfer: readonly Transferable[],
  take: (copy: M) => void,
): void {
  const copy = structuredClone(message, { transfer: [...transfer] });
  turns.wait(() => take(copy));
}
